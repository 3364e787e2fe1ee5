/* What pages do beyond plain HTML: forms sent once, parts that stay fresh, time that ticks, a warning before a session
   ends. Everything works without it. Words come from the page; nothing is kept in the browser. */
(function () {
  "use strict";
  var html = document.documentElement;
  var all = function (selector, root) { return Array.prototype.slice.call((root || document).querySelectorAll(selector)); };

  // Forms: a second click sends nothing; the button says that it is under way.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    var button = event.submitter || form.querySelector("button");
    if (button) {
      button.setAttribute("aria-busy", "true");
      var label = button.querySelector(".label");
      if (label && button.dataset.busy) { button.dataset.rest = label.textContent; label.textContent = button.dataset.busy; }
    }
    if (form.dataset.upload !== undefined && window.XMLHttpRequest && window.FormData) upload(event, form, button);
  });
  window.addEventListener("pageshow", function () {
    all("form[data-sent]").forEach(release);
  });
  function release(form) {
    delete form.dataset.sent;
    all("[aria-busy]", form).forEach(function (button) {
      button.removeAttribute("aria-busy");
      var label = button.querySelector(".label");
      if (label && button.dataset.rest) label.textContent = button.dataset.rest;
    });
  }

  // Uploads show how far they are; the answer replaces the page as it would without script.
  function upload(event, form, button) {
    var bar = form.querySelector("progress");
    if (!bar) return;
    event.preventDefault();
    var data = new FormData(form), request = new XMLHttpRequest();
    if (button && button.name) data.append(button.name, button.value);
    bar.closest("[hidden]") && (bar.closest("[hidden]").hidden = false);
    request.upload.addEventListener("progress", function (step) {
      if (step.lengthComputable) { bar.max = step.total; bar.value = step.loaded; }
    });
    request.addEventListener("load", function () {
      if (request.responseURL && request.status < 400) { location.href = request.responseURL; return; }
      document.open(); document.write(request.responseText); document.close();
    });
    request.addEventListener("error", function () { release(form); form.submit(); });
    request.open("POST", form.action);
    request.send(data);
  }

  // A summary of errors takes the focus, so that it is read first. A link in it goes to the field itself.
  var summary = document.getElementById("problems");
  if (summary) summary.focus();

  // Menus close by Escape and by a click elsewhere.
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape") all("details.menu[open]").forEach(function (menu) {
      menu.open = false; menu.querySelector("summary").focus();
    });
    var typing = /^(input|textarea|select)$/i.test(event.target.tagName) || event.target.isContentEditable;
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      var search = all("[data-search]").filter(function (one) { return one.offsetParent; })[0];
      var link = document.querySelector(".find-link");
      if (search) { event.preventDefault(); search.focus(); search.select(); }
      else if (link) { event.preventDefault(); link.click(); }
    }
  });
  document.addEventListener("click", function (event) {
    all("details.menu[open]").forEach(function (menu) { if (!menu.contains(event.target)) menu.open = false; });
    var copied = event.target.closest && event.target.closest("[data-copy]");
    if (copied && navigator.clipboard) {
      navigator.clipboard.writeText(copied.dataset.copy).then(function () { announce(copied.dataset.copied); });
    }
  });
  all("[data-print]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  });

  // Elapsed time ticks, by the server's clock.
  var drift = Number(html.dataset.now || 0) * 1000 - Date.now();
  var units = { d: html.dataset.days, h: html.dataset.hours, m: html.dataset.minutes, s: html.dataset.seconds };
  function said(seconds) {
    var put = function (words, n) { return words.split("|")[n === 1 ? 0 : 1].replace("#", n); };
    if (seconds >= 86400) return join(put(units.d, Math.floor(seconds / 86400)), Math.floor(seconds % 86400 / 3600), units.h);
    if (seconds >= 3600) return join(put(units.h, Math.floor(seconds / 3600)), Math.floor(seconds % 3600 / 60), units.m);
    return seconds >= 60 ? put(units.m, Math.floor(seconds / 60)) : put(units.s, Math.max(0, seconds));
    function join(first, rest, words) { return rest ? first + (html.lang === "en" ? " " : "") + put(words, rest) : first; }
  }
  function tick() {
    var now = Math.floor((Date.now() + drift) / 1000);
    all("time.ticks").forEach(function (time) {
      var until = time.dataset.until, text = said(until ? until - now : now - time.dataset.since);
      if (time.textContent !== text) time.textContent = text;
    });
  }
  if (units.d) setInterval(tick, 1000);

  // Announcements for screen readers.
  function announce(text) {
    var place = document.getElementById("announced");
    if (place && text) { place.textContent = ""; setTimeout(function () { place.textContent = text; }, 50); }
  }

  // Live parts: <section data-live="alerts registry" data-src="/alerts/rows"> is fetched anew when one of those logs has
  // grown; with data-every="2" each two seconds besides. data-said on the new content is announced if it is different.
  var parts = all("[data-src]"), state = document.querySelector("[data-live-state]"), sound = null;
  function refresh(part) {
    if (part.dataset.asking) { part.dataset.again = "1"; return; }
    if (part.contains(document.activeElement) && document.activeElement.matches("input,textarea,select")) return;
    part.dataset.asking = "1";
    fetch(part.dataset.src, { headers: { "X-Fragment": "1" }, credentials: "same-origin" }).then(function (answer) {
      if (answer.status === 401) { location.reload(); throw new Error("signed out"); }
      if (!answer.ok) throw new Error(answer.status);
      if (answer.headers.get("X-Finished")) { location.reload(); }
      return answer.text();
    }).then(function (text) {
      heard();
      if (part.innerHTML === text) return;
      var before = (part.querySelector("[data-said]") || { dataset: {} }).dataset.said;
      var focus = document.activeElement && part.contains(document.activeElement) && document.activeElement.id;
      part.innerHTML = text;
      if (focus && document.getElementById(focus)) document.getElementById(focus).focus();
      var now = (part.querySelector("[data-said]") || { dataset: {} }).dataset.said;
      if (now && now !== before) { announce(now); chime(part); }
      tick();
    }).catch(function () {}).then(function () {
      delete part.dataset.asking;
      if (part.dataset.again) { delete part.dataset.again; refresh(part); }
    });
  }
  function grown(services) {
    parts.forEach(function (part) {
      var wanted = (part.dataset.live || "").split(" ");
      if (services.some(function (service) { return wanted.indexOf(service) >= 0; })) refresh(part);
    });
  }
  function heard() {
    if (!state) return;
    var now = new Date(Date.now() + drift);
    state.dataset.last = ("0" + now.getHours()).slice(-2) + ":" + ("0" + now.getMinutes()).slice(-2);
    state.classList.remove("lost");
    state.textContent = state.dataset.live_;
  }
  function lost() {
    if (!state) return;
    state.classList.add("lost");
    state.textContent = state.dataset.lost.replace("#", state.dataset.last || "–");
  }
  function chime(part) {
    var wanted = document.querySelector("[data-sound]");
    if (!wanted || !wanted.checked || !part.dataset.live) return;
    sound = sound || new (window.AudioContext || window.webkitAudioContext)();
    var tone = sound.createOscillator(), volume = sound.createGain();
    tone.frequency.value = 660; volume.gain.value = 0.15;
    tone.connect(volume); volume.connect(sound.destination);
    tone.start(); tone.stop(sound.currentTime + 0.25);
  }
  function poll() {
    var known = {};
    (function ask() {
      fetch("/live/heads", { credentials: "same-origin" }).then(function (answer) {
        if (!answer.ok) throw new Error(answer.status);
        return answer.json();
      }).then(function (sizes) {
        heard();
        grown(Object.keys(sizes).filter(function (service) { return known[service] !== sizes[service]; }));
        known = sizes;
      }).catch(lost).then(function () { setTimeout(ask, 5000); });
    })();
  }
  function listen() {
    var failures = 0, stream = new EventSource("/live");
    stream.addEventListener("heads", function (event) {
      failures = 0; heard(); grown(Object.keys(JSON.parse(event.data)));
    });
    stream.onerror = function () {
      failures += 1; lost();
      if (stream.readyState === 2 || failures > 5) { stream.close(); poll(); }
    };
  }
  if (state) state.dataset.live_ = state.textContent;
  if (parts.some(function (part) { return part.dataset.live; })) { if (window.EventSource) listen(); else poll(); }
  parts.forEach(function (part) {
    if (part.dataset.every) setInterval(function () { refresh(part); }, part.dataset.every * 1000);
  });

  // Before the session ends: say so, and let the person stay.
  var box = document.getElementById("session-ends");
  if (box) {
    var ends = Date.now() + Number(box.dataset.left) * 1000, warns = Number(box.dataset.warning) * 1000;
    setInterval(function () {
      var left = ends - Date.now();
      box.hidden = left > warns || left <= 0;
      if (left <= 0 && !box.dataset.over) { box.dataset.over = "1"; announce(box.dataset.ended); }
      if (left <= 0) { box.hidden = false; box.querySelector("[data-words]").textContent = box.dataset.ended; box.querySelector("button").hidden = true; }
      else if (units.m) box.querySelector("[data-time]").textContent = said(Math.ceil(left / 1000));
    }, 1000);
    box.querySelector("button").addEventListener("click", function () {
      fetch("/session", { method: "POST", credentials: "same-origin" }).then(function (answer) {
        if (!answer.ok) throw new Error(answer.status);
        return answer.json();
      }).then(function (session) { ends = new Date(session.ends_at).getTime() - drift; box.hidden = true; }).catch(function () {});
    });
  }
})();
