// Signs in with the token of the address (#token=…) and shows GraphiQL. The token stays in this tab:
// a fragment is never sent to a server, and it is taken out of the address at once.
"use strict";

const KEY = "tomos-token";
const form = document.getElementById("sign-in");
const field = document.getElementById("token");
const page = document.getElementById("graphiql");

function askForToken(why) {
  sessionStorage.removeItem(KEY);
  document.getElementById("why").textContent = why;
  page.hidden = true;
  form.hidden = false;
  field.focus();
}

function takeTokenFromAddress() {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token) {
    sessionStorage.setItem(KEY, token.trim());
    history.replaceState(null, "", location.pathname + location.search);
  }
  return Boolean(token);
}

async function fetchWithToken(url, options) {
  const headers = new Headers(options.headers);
  if (!headers.has("Authorization")) {
    headers.set("Authorization", `Bearer ${sessionStorage.getItem(KEY)}`);
  }
  const response = await fetch(url, { ...options, headers, credentials: "omit" });
  if (response.status === 401 && !new Headers(options.headers).has("Authorization")) {
    askForToken("This token does not work (any more). Another one:");
  }
  return response;
}

function show() {
  form.hidden = true;
  page.hidden = false;
  if (typeof GraphiQL === "undefined") {
    page.textContent =
      "GraphiQL could not be loaded from unpkg.com. The API itself answers at /graphql.";
    return;
  }
  const fetcher = GraphiQL.createFetcher({ url: "/graphql", fetch: fetchWithToken });
  const query = "{\n  viewer {\n    tokenName\n    timeZone\n  }\n}\n";
  const graphiql = React.createElement(GraphiQL, { fetcher, defaultQuery: query });
  ReactDOM.createRoot(page).render(graphiql);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem(KEY, field.value.trim());
  location.reload();
});

// Another link clicked in the same tab.
addEventListener("hashchange", () => takeTokenFromAddress() && location.reload());

takeTokenFromAddress();
if (sessionStorage.getItem(KEY)) {
  show();
} else {
  askForToken("A token opens the API. Paste one, or open the link that tomos printed:");
}
