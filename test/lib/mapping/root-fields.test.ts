import { ENVELOPE, ID_FIELDS } from '../../../lib/event/event';
import { withRootFields } from '../../../lib/mapping/root-fields';
import { startCpuClock } from '../../support/cpu';

describe('what stands at the root of an event', () => {
  it.each([...ENVELOPE, ...ID_FIELDS])(
    'is no attribute where the specification has a meaning for %s',
    (field) => {
      const own = {};

      expect(withRootFields(own, { type: 'identify', [field]: 'x' })).toBe(own);
    },
  );

  it('is no reason for work that grows with its square', () => {
    const fields = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`field_${index}`, 1]));
    const spentMs = startCpuClock();

    expect(withRootFields({}, { type: 'track', ...fields })).toEqual(fields);
    expect(spentMs()).toBeLessThan(2_000);
  });

  it('is none where a rule has dropped it', () => {
    const own = {};

    expect(withRootFields(own, { type: 'identify', plan: undefined })).toBe(own);
  });

  it('is an attribute where it is the sender’s own, also by the name of a prototype', () => {
    const event = JSON.parse('{"type":"identify","plan":"pro","__proto__":"x"}');

    expect(JSON.stringify(withRootFields({}, event))).toBe('{"plan":"pro","__proto__":"x"}');
  });
});
