// Pictures to try it with, which stand beside this file. (In the page of one file they are inside it.)
export const samples = ['2026-squared-paper.jpg', '9-chalk.jpg', '3-thin-blue-pen.png'];
