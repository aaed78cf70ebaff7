import { ENVELOPE, ID_FIELDS } from '../../../lib/event/event';
import { withRootFields } from '../../../lib/mapping/root-fields';

describe('what stands at the root of an event', () => {
  it.each([...ENVELOPE, ...ID_FIELDS])(
    'is no attribute where the specification has a meaning for %s',
    (field) => {
      const own = {};

      expect(withRootFields(own, { type: 'identify', [field]: 'x' })).toBe(own);
    },
  );

  it('is none where a rule has dropped it', () => {
    const own = {};

    expect(withRootFields(own, { type: 'identify', plan: undefined })).toBe(own);
  });

  it('is an attribute where it is the sender’s own, also by the name of a prototype', () => {
    const event = JSON.parse('{"type":"identify","plan":"pro","__proto__":"x"}');

    expect(JSON.stringify(withRootFields({}, event))).toBe('{"plan":"pro","__proto__":"x"}');
  });
});
