// Segment events as real SDKs send them, about 1.3 KB each, the same for the same seed: half track, the rest
// identify, page, screen, group, device and alias, with the context of a browser or a phone.

export type CorpusEvent = Readonly<Record<string, unknown>>;

const BROWSER_CONTEXT = {
  library: { name: 'analytics.js', version: 'npm:next-1.84.3' },
  ip: '203.0.113.24',
  locale: 'en-GB',
  timezone: 'Europe/London',
  userAgent:
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36',
  userAgentData: { brands: [{ brand: 'Chromium', version: '128' }], mobile: false, platform: 'macOS' },
  page: {
    path: '/products/lamps/arc-lamp',
    referrer: 'https://www.example.com/search?q=lamp',
    search: '?utm_source=newsletter',
    title: 'Arc lamp, brushed steel | Example Store',
    url: 'https://store.example.com/products/lamps/arc-lamp?utm_source=newsletter',
  },
  campaign: { source: 'newsletter', medium: 'email', name: 'autumn' },
};

const PHONE_CONTEXT = {
  library: { name: 'analytics-kotlin', version: '1.24.1' },
  app: { name: 'Example Store', version: '4.12.0', build: '4120', namespace: 'com.example.store' },
  device: {
    id: '3ee34ec1a3b0a1c3',
    manufacturer: 'Google',
    model: 'Pixel 8',
    name: 'shiba',
    type: 'android',
    token:
      'fYz3kq9bTfKd0Yw1nqJ0Xv:APA91bHPRgkF3JUikC4ENAHEeMrd41Zxv3hVZjC9KtT8OvPVGJ-hQMRKRrZuJAEcl7B338qju59zJMjw2DELjzEvxwYv7hH5Ynpc1ODQ0aT4U4OFEeco8ohsN5PjL1iC2dNtk2BAokeMCg2ZXKqpc8FXKmhX94kIxQ',
  },
  network: { wifi: true, cellular: false, carrier: 'Example Mobile' },
  os: { name: 'Android', version: '14' },
  screen: { width: 1080, height: 2400, density: 2.625 },
  locale: 'en-GB',
  timezone: 'Europe/London',
};

const BASE_MS = Date.parse('2026-03-01T00:00:00.000Z');

/** Event number `index`; people come back every `people` events. */
const eventOf = (index: number, people: number): CorpusEvent => {
  const userId = `user-${(index * 7_919) % people}`;
  const time = new Date(BASE_MS + index * 1_013).toISOString();
  const common = {
    messageId: `ajs-next-${BASE_MS + index}-0b2f3a4c-5d6e-4f70-8a9b-${String(index).padStart(12, '0')}`,
    anonymousId: `5f0c6f0e-3b0a-4a53-9d5e-${String(index % people).padStart(12, '0')}`,
    userId,
    timestamp: time,
    originalTimestamp: time,
    receivedAt: time,
    integrations: {},
  };
  const kind = index % 20;
  if (kind < 10) return { ...common, ...track(index), context: BROWSER_CONTEXT };
  if (kind < 14) return { ...common, ...identify(index, time), context: BROWSER_CONTEXT };
  if (kind < 17) return { ...common, ...page(index), context: BROWSER_CONTEXT };
  if (kind === 17) return { ...common, ...screen(index), context: PHONE_CONTEXT };
  if (kind === 18) return { ...common, ...group(index), context: BROWSER_CONTEXT };
  return { ...common, ...device(index), context: PHONE_CONTEXT };
};

const track = (index: number) => ({
  type: 'track',
  event: 'Product Added',
  properties: {
    cart_id: `cart-${index}`,
    product_id: '507f1f77bcf86cd799439011',
    sku: 'G-32',
    category: 'Lamps',
    name: 'Arc lamp, brushed steel',
    brand: 'Example',
    price: 189.95,
    quantity: 1 + (index % 3),
    currency: 'GBP',
    position: 3,
    image_url: 'https://static.example.com/lamps/arc.jpg',
    added_at: '2026-03-01T10:00:00.000Z',
    tags: ['steel', 'floor', 'new'],
    shipping: { method: 'courier', eta: '2026-03-04', address: { city: 'London', postal_code: 'N1 9GU' } },
  },
});

const identify = (index: number, time: string) => ({
  type: 'identify',
  traits: {
    email: `person-${index % 997}@example.com`,
    first_name: 'Ada',
    last_name: 'Lovelace',
    plan: index % 2 === 0 ? 'pro' : 'free',
    created_at: '2025-11-02T08:15:00.000Z',
    last_seen_at: time,
    logins: index % 50,
    newsletter: true,
    phone: '+442071838750',
    address: { city: 'London', country: 'United Kingdom', postal_code: 'N1 9GU' },
  },
});

const page = (index: number) => ({
  type: 'page',
  name: 'Product',
  properties: { ...BROWSER_CONTEXT.page, category: 'Lamps', variant: index % 4 },
});

const screen = (index: number) => ({
  type: 'screen',
  name: 'Product',
  properties: { product_id: '507f1f77bcf86cd799439011', variant: index % 4 },
});

const group = (index: number) => ({
  type: 'group',
  groupId: `company-${index % 50}`,
  traits: {
    name: 'Example Ltd',
    industry: 'Retail',
    employees: 329,
    plan: 'enterprise',
    website: 'https://example.com',
  },
});

const device = (index: number) => ({
  type: 'track',
  event: 'Application Opened',
  properties: { version: '4.12.0', build: '4120', from_background: index % 2 === 0 },
});

export const corpusOf = (count: number, people = 2_000): CorpusEvent[] =>
  Array.from({ length: count }, (_, index) => eventOf(index, people));
