// A stand-in for Customer.io's tracker, for web pages. As documented it takes what its snippet has queued, keeps
// whom it was told of from page to page, and makes page views of its own unless told not to.
(() => {
  const script = document.currentScript;
  if (script.id !== 'cio-tracker') return console.warn('The script of the tracker needs the id cio-tracker.');
  const siteId = script.getAttribute('data-site-id');
  const endpoint = new URL('/assets/calls', script.src);

  const read = (key) => localStorage.getItem(`cio-sandbox:${key}`);
  const keep = (key, value) => localStorage.setItem(`cio-sandbox:${key}`, value);

  const newVisitor = () => {
    localStorage.removeItem('cio-sandbox:id');
    // Pages on plain http have no crypto.randomUUID.
    keep('anonymousId', `visitor-${Math.random().toString(36).slice(2)}`);
  };
  if (read('anonymousId') === null) newVisitor();

  const person = () => (read('id') === null ? { anonymous_id: read('anonymousId') } : { id: read('id') });

  // A request that needs no preflight, and outlives the page.
  const send = (call) => {
    const body = JSON.stringify({ site_id: siteId, timestamp: Math.floor(Date.now() / 1000), ...call });
    void fetch(endpoint, { method: 'POST', mode: 'no-cors', keepalive: true, body });
  };

  const identify = ({ id, ...attributes }) => {
    if (id === undefined || id === '') return;
    const anonymous = read('id') === null ? { anonymous_id: read('anonymousId') } : {};
    keep('id', id);
    send({ action: 'identify', identifiers: person(), attributes: { ...attributes, ...anonymous } });
  };
  const track = (name, attributes = {}) => send({ action: 'event', identifiers: person(), name, attributes });
  const page = (name = location.href, attributes = {}) =>
    send({ action: 'page', identifiers: person(), name, attributes });

  const queued = Array.isArray(window._cio) ? window._cio : [];
  const tracker = { identify, sidentify: identify, track, page, reset: newVisitor };
  const call = ([method, ...given]) => tracker[method]?.(...given);
  window._cio = { ...tracker, load() {}, on() {}, off() {}, push: call };
  queued.forEach(call);
  if (script.getAttribute('data-auto-track-page') !== 'false') page();
})();
