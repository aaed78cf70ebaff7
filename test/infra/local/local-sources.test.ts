import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toLocalSources, workspacesIn } from '../../../infra/local/local-sources';
import { ROOT } from '../../support/running-stack';
import { parseWorkspaces } from '../../support/sources';

const PORTS = { PORT: 1, TLS_PORT: 2, SQS_PORT: 3, SANDBOX_PORT: 4, SEGMENT_PORT: 5 };
const EXAMPLE = readFileSync(join(ROOT, 'examples/settings/two-workspaces.json'), 'utf8');

it('keeps every workspace of the settings on this machine, whatever they say', () => {
  const elsewhere = [
    {
      name: 'a',
      siteId: 's',
      trackUrl: 'https://proxy.example.com',
      segmentUrl: 'https://segment.example.com',
    },
    { name: 'b', destinations: [{ name: 'eu', siteId: 't', region: 'eu' }, null] },
  ];

  expect(JSON.parse(toLocalSources(JSON.stringify(elsewhere), PORTS))).toEqual([
    {
      name: 'a',
      siteId: 's',
      trackUrl: 'http://127.0.0.1:4',
      trackerScriptUrl: 'http://127.0.0.1:4/assets/track.js',
      segmentUrl: 'http://127.0.0.1:5',
    },
    {
      name: 'b',
      segmentUrl: 'http://127.0.0.1:5',
      destinations: [
        {
          name: 'eu',
          siteId: 't',
          region: 'eu',
          trackUrl: 'http://127.0.0.1:4',
          trackerScriptUrl: 'http://127.0.0.1:4/assets/track.js',
        },
        null,
      ],
    },
  ]);
});

it.each(['no JSON', '{}', '[7]', ''])('leaves %j as it is, for the functions to refuse', (json) => {
  expect(toLocalSources(json, PORTS)).toBe(json);
  expect(workspacesIn(json)).toEqual([{ siteId: 'local', apiKey: 'local' }]);
});

it('gives the sandbox the workspaces of the settings, each once', () => {
  const sources = [
    { siteId: 's', apiKey: 'k', workspaceIdentifiers: 'id' },
    { siteId: 's', apiKey: 'other' },
    { destinations: [{ siteId: 't', apiKey: 'k', region: 'eu', workspaceIdentifiers: 'email_phone_or_id' }] },
    { siteId: 7, apiKey: 'k' },
    { siteId: 'u' },
  ];

  expect(workspacesIn(JSON.stringify(sources))).toEqual([
    { siteId: 's', apiKey: 'k', region: 'us', identifiers: 'id', phoneIdentifies: false },
    { siteId: 't', apiKey: 'k', region: 'eu', identifiers: 'email_or_id', phoneIdentifies: true },
  ]);
});

it('The example has two workspaces and no mistake', () => {
  const local = toLocalSources(EXAMPLE, PORTS);

  expect(parseWorkspaces(local).map(({ workspace }) => workspace)).toEqual(['everybody', 'eu']);
  expect(workspacesIn(local).map(({ siteId }) => siteId)).toEqual(['local', 'local-eu']);
});
