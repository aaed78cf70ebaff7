import { createHash } from 'node:crypto';
import { CUSTOMERIO_PLUGIN_SCRIPT } from '../../../lib/ingest/customerio-plugin/script';
import { findRoute } from '../../../lib/ingest/routes';
import { type DeviceSource, ownAddress, settingsDocument } from '../../../lib/ingest/settings-document';

const DEVICE: DeviceSource = {
  siteId: 'site',
  trackerScriptUrl: 'https://assets.customer.io/assets/track.js',
  convertTimestamps: true,
  integrationNames: ['our-crm'],
};

const documentOf = (device?: DeviceSource) =>
  settingsDocument({ writeKey: 'key', host: 'relay.example.com/prod', protocol: 'https', device });

describe('settingsDocument', () => {
  const document = documentOf();

  it.each(['Segment.io', 'Customer.io Data Pipelines'] as const)(
    'tells the SDK that reads "%s" where to send',
    (name) => {
      expect(document.integrations[name]).toMatchObject({
        apiKey: 'key',
        apiHost: 'relay.example.com/prod/v1',
        protocol: 'https',
      });
    },
  );

  it('names no integration that analytics.js would try to load', () => {
    expect(Object.keys(document.integrations)).toEqual(['Segment.io', 'Customer.io Data Pipelines']);
    expect(JSON.stringify(document)).not.toMatch(/"type"|componentTypes/);
  });

  it("keeps the SDKs' telemetry from Segment", () => {
    expect(document.metrics).toEqual({ sampleRate: 0 });
  });

  it('switches on the newer retries of the mobile SDKs', () => {
    expect(document.integrations['Segment.io'].httpConfig).toEqual({
      rateLimitConfig: {},
      backoffConfig: {},
    });
  });
});

describe('the document of a source in device mode', () => {
  const document = documentOf(DEVICE);

  it('names the plugin, and what it needs of the source', () => {
    expect(document.remotePlugins).toEqual([
      {
        name: 'Customer.io',
        creationName: 'Customer.io',
        libraryName: 'cioRelayDeviceMode',
        url: expect.stringMatching(
          /^https:\/\/relay\.example\.com\/prod\/analytics-next\/plugins\/customerio\.js\?v=[0-9a-f]{8}$/,
        ),
        settings: {
          siteId: 'site',
          scriptUrl: 'https://assets.customer.io/assets/track.js',
          convertTimestamps: true,
          integrationNames: ['our-crm'],
        },
      },
    ]);
  });

  it('names it where it is served', () => {
    const path = new URL(document.remotePlugins[0]?.url ?? '').pathname.replace('/prod', '');

    expect(findRoute('GET', path)).toMatchObject({ route: { kind: 'customerio_plugin' } });
  });

  it('names the plugin that knows these settings, whatever one a browser has kept from before an update', () => {
    const digest = createHash('sha256').update(CUSTOMERIO_PLUGIN_SCRIPT).digest('hex');

    expect(document.remotePlugins[0]?.url).toMatch(new RegExp(`\\?v=${digest.slice(0, 8)}$`));
  });

  it('lets the plugin say what the browser has delivered', () => {
    expect(document.integrations['Segment.io'].addBundledMetadata).toBe(false);
    expect(document.integrations['Customer.io Data Pipelines'].addBundledMetadata).toBe(false);
  });

  it('tells consent wrappers and the plugin what people must have agreed to', () => {
    const consent = { require: ['Marketing'], onMissing: 'skip' as const };
    const { integrations, remotePlugins } = documentOf({ ...DEVICE, consent });

    expect(integrations['Customer.io']).toEqual({ consentSettings: { categories: ['Marketing'] } });
    expect(remotePlugins[0]?.settings.consent).toEqual(consent);
    // The wrappers look at nothing that stands not here, though a page says itself what is needed.
    expect(document.integrations['Customer.io']).toEqual({});
  });

  it('says nothing of it in cloud mode', () => {
    expect(documentOf().remotePlugins).toEqual([]);
    expect(documentOf().integrations).not.toHaveProperty(['Customer.io']);
    expect(documentOf().integrations['Segment.io'].addBundledMetadata).toBe(true);
  });
});

describe('ownAddress', () => {
  const request = { forwardedProtocol: 'https', host: 'relay.example.com', prefix: '' };

  it('is where the request came', () => {
    expect(ownAddress(request, undefined)).toEqual({ host: 'relay.example.com', protocol: 'https' });
  });

  it('holds the stage', () => {
    expect(ownAddress({ ...request, prefix: '/dev' }, undefined).host).toBe('relay.example.com/dev');
  });

  it('is what the setting says, where there is one', () => {
    expect(ownAddress({ ...request, prefix: '/dev' }, 'events.example.com/base').host).toBe(
      'events.example.com/base',
    );
  });

  it.each([
    [undefined, 'localhost:3000', 'http'],
    [undefined, '127.0.0.1:3000', 'http'],
    [undefined, '[::1]:3000', 'http'],
    [undefined, 'relay.example.com', 'https'],
    ['http', 'relay.example.com', 'http'],
    ['https', 'localhost:3000', 'https'],
  ])('with the forwarded protocol %p and the host %s is %s', (forwardedProtocol, host, protocol) => {
    expect(ownAddress({ forwardedProtocol, host, prefix: '' }, undefined)).toEqual({ host, protocol });
  });
});
