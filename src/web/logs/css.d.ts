// An imported style sheet becomes part of the page's style sheet.

declare module '*.css'
