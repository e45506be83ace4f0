// The state that the server put into the page: who is signed in, where the data is, how this page load misbehaves.

const root = document.getElementById("app");
const bytes = Uint8Array.from(atob(root.dataset.page), (c) => c.charCodeAt(0));
root.removeAttribute("data-page");

export const boot = JSON.parse(new TextDecoder().decode(bytes));
export const token = document.querySelector('meta[name="csrf-token"]').content;
export { root };
