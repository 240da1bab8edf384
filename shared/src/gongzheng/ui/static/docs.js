// The forms of the API page: fill in, send, read the answer. The token stays in this page's memory.
"use strict";

(() => {
  const base = document.body.dataset.base || "";
  const token = document.getElementById("token");
  const filter = document.getElementById("filter");

  for (const hidden of document.querySelectorAll("form.tools, form.try")) hidden.hidden = false;
  document.querySelector("form.tools").addEventListener("submit", (event) => event.preventDefault());

  const freshKey = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  };

  const request = (form) => {
    let path = form.dataset.path;
    const query = new URLSearchParams();
    const headers = { Accept: "application/json, application/problem+json" };
    let body;
    for (const input of form.querySelectorAll("[data-in]")) {
      const value = input.value;
      const place = input.dataset.in;
      if (place === "path") path = path.replace(`{${input.name}}`, encodeURIComponent(value));
      else if (place === "query" && value) query.append(input.name, value);
      else if (place === "header" && value) headers[input.name] = value;
      else if (place === "json") {
        headers["Content-Type"] = "application/json";
        body = value;
      } else if (place === "form") {
        body = body || new FormData();
        if (input.type === "file") {
          if (input.files.length) body.append(input.name, input.files[0]);
        } else body.append(input.name, value.replace(/^"(.*)"$/s, "$1"));
      }
    }
    if (token.value && !form.dataset.public) headers.Authorization = `Bearer ${token.value.trim()}`;
    const asked = query.toString();
    return [base + path + (asked ? `?${asked}` : ""), { method: form.dataset.method, headers, body }];
  };

  const show = async (place, response) => {
    const type = response.headers.get("Content-Type") || "";
    const head = [`${response.status} ${response.statusText}`];
    for (const name of ["Content-Type", "ETag", "Location", "Retry-After", "X-Request-Id"]) {
      const value = response.headers.get(name);
      if (value) head.push(`${name}: ${value}`);
    }
    let text;
    if (type.includes("json")) text = JSON.stringify(await response.json(), null, 2);
    else if (type.startsWith("text/")) text = await response.text();
    else text = `(${(await response.blob()).size} bytes)`;
    const block = document.createElement("pre");
    block.tabIndex = 0;
    block.className = response.ok ? "good" : "bad";
    block.textContent = `${head.join("\n")}\n\n${text}`;
    place.replaceChildren(block);
  };

  for (const form of document.querySelectorAll("form.try")) {
    const key = form.querySelector('[name="Idempotency-Key"]');
    if (key) key.value = freshKey();
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const place = form.querySelector(".result");
      place.textContent = "…";
      try {
        const [url, options] = request(form);
        const response = await fetch(url, options);
        await show(place, response);
        if (key && response.ok) key.value = freshKey();
      } catch (error) {
        place.textContent = String(error);
      }
    });
  }

  filter.addEventListener("input", () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const group of document.querySelectorAll("section.group")) {
      const operations = group.querySelectorAll("details.operation");
      for (const operation of operations) {
        const text = operation.querySelector("summary").textContent.toLowerCase();
        operation.hidden = !words.every((word) => text.includes(word));
      }
      if (operations.length) group.hidden = Array.from(operations).every((operation) => operation.hidden);
    }
  });

  const open = () => {
    const wanted = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (wanted && wanted.tagName === "DETAILS") wanted.open = true;
  };
  window.addEventListener("hashchange", open);
  open();
})();
