import { joinParts, parameterOfPart, partsOf } from '../../../lib/config/source-parts';
import { SettingsError } from '../../../lib/errors';

it.each([
  ['[{"name":"a"}]', []],
  ['["./shop",{"name":"a"},"./more-1","./shop"]', ['./shop', './more-1']],
  ['["shop","../shop","./a/b","./",1,null]', []],
  ['{"a":"./shop"}', []],
  ['["./shop"', []],
  ['', []],
])('%s names the parts %j', (text, parts) => {
  expect(partsOf(text)).toEqual(parts);
});

it.each([
  ['/cio-relay/prod/sources', '/cio-relay/prod/sources/shop'],
  ['/cio-relay/prod/sources:3', '/cio-relay/prod/sources/shop'],
  ['/cio-relay/prod/sources:stable', '/cio-relay/prod/sources/shop'],
  ['arn:aws:ssm:eu-west-1:111122223333:parameter/cio/sources', '/cio/sources/shop'],
])('A part of %s is %s', (parameter, expected) => {
  expect(parameterOfPart(parameter, './shop')).toBe(expected);
});

it('A part stands in the place of its name, whether it holds a source or several', () => {
  const texts = new Map([
    ['./one', '{"name":"b"}'],
    ['./more', '[{"name":"c"},{"name":"d"}]'],
  ]);

  expect(joinParts('[{"name":"a"},"./one","./more",{"name":"e"}]', texts, 'it')).toBe(
    '[{"name":"a"},{"name":"b"},{"name":"c"},{"name":"d"},{"name":"e"}]',
  );
});

it('A part that is no JSON is named, and nothing of it is repeated', () => {
  const join = () => joinParts('["./one"]', new Map([['./one', '{"apiKey":"hush"']]), 'The parameter "p"');

  expect(join).toThrow(SettingsError);
  expect(join).toThrow('The parameter "p" names "./one", which is not valid JSON.');
});
