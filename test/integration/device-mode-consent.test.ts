// Consent in device mode, in a real browser: who has agreed is the tracker's, who has refused is nobody's, and what tells
// of a refusal is the relay's.

import { startShop } from '../support/analytics-page';
import { startBrowser } from '../support/browser';
import { startFreshStack } from '../support/running-stack';
import { readActivities } from '../support/sandbox-client';
import { GIVE_UP_MS, until } from '../support/until';

const SOURCE = {
  name: 'local',
  writeKey: 'local',
  siteId: 'local',
  apiKey: 'local',
  connectionMode: 'device',
  consent: { require: ['Marketing'], onMissing: 'skip' },
};
/** So that whatever is under way when these have arrived would be seen as well. */
const QUIET_MS = 1_500;
const AGREED = 'Agreed';
const LAST = 'Segment Consent Preference Updated';

interface Analytics {
  identify(userId: string, traits: object, options?: object): void;
  track(event: string, properties: object, options?: object): void;
}

declare const window: { readonly analytics: Analytics };

it(
  'Events of people who have refused arrive by neither, and the news of it by the relay',
  async () => {
    const stack = await startFreshStack({ SOURCES: JSON.stringify([SOURCE]) });
    const [shop, browser] = await Promise.all([startShop(), startBrowser()]);
    try {
      const page = await (await browser.newVisitor()).newPage();
      await page.goto(shop.pageUrl({ build: 'npm', endpoint: stack.url }));
      await page.evaluate(
        ([agreed, last]) => {
          const { analytics } = window;
          const said = (isAgreed: boolean) => ({
            context: { consent: { categoryPreferences: { Marketing: isAgreed } } },
          });
          analytics.identify('user-1', { plan: 'pro' }, said(true));
          analytics.track(agreed, {}, said(true));
          analytics.track('Refused', {}, said(false));
          analytics.track('Not Asked', {});
          analytics.track(last, {}, said(false));
        },
        [AGREED, LAST] as const,
      );

      const arrivals = () => readActivities(stack.sandboxUrl);
      // By two ways, of which either may be the slower.
      await until(async () => {
        const names = (await arrivals()).map(({ activity_name: name }) => name);
        return [LAST, AGREED].every((name) => names.includes(name));
      });
      await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
      const events = (await arrivals()).filter(({ activity_type: type }) => type === 'event');
      expect(
        events.map(({ connection_mode: mode = 'cloud', activity_name: name }) => [mode, name]).sort(),
      ).toEqual([
        ['cloud', LAST],
        ['device', AGREED],
      ]);
    } finally {
      await Promise.all([browser.close(), shop.close(), stack.stop()]);
    }
  },
  3 * GIVE_UP_MS,
);
