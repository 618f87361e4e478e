// A style sheet that is imported becomes part of the page's own.

declare module '*.css'
