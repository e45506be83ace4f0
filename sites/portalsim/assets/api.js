import { boot, token } from "./boot.js";

export class Failure extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

// get fetches data of the page and resolves after the rendering delay that the server asked for. A session that died
// in the meantime ends as on the real portal: the page loads again, and what loads is the login form.
export async function get(path, params = {}) {
  const query = new URLSearchParams(params).toString();
  let response;
  try {
    response = await fetch(boot.data + path + (query && `?${query}`), { headers: { "X-CSRF-TOKEN": token } });
  } catch {
    throw new Failure(0, "Network error. Please check your connection.");
  }
  if (response.status === 401 || response.status === 419) {
    location.reload();
    return new Promise(() => {});
  }
  let answer = {};
  try {
    answer = await response.json();
  } catch {
    throw new Failure(response.status, "Something went wrong. Please try again later.");
  }
  if (!response.ok) {
    const known = response.status === 404 || response.status === 403;
    throw new Failure(response.status, known ? answer.message : "Something went wrong. Please try again later.");
  }
  await new Promise((resolve) => setTimeout(resolve, answer.delay));
  return answer.body;
}

export async function signOut() {
  await fetch("/logout", { method: "POST", headers: { "X-CSRF-TOKEN": token }, redirect: "manual" });
  location.assign("/");
}
