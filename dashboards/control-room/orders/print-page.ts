/** Prints one part of the page; the style sheet for paper leaves everything else out. */
export function printPage(part: 'order' | 'orders' | 'notice'): void {
  document.body.dataset.print = part;
  addEventListener('afterprint', () => delete document.body.dataset.print, { once: true });
  print();
}
