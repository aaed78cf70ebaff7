// The two ways to write a property's name. Only the name itself is changed: nested keys are values, and stay.

/** `snake`: as Segment's email spec and Customer.io write. `camel`: as RudderStack's Customer.io source does. */
export type PropertyCase = 'snake' | 'camel';

/** `delivery_id` -> `deliveryId` for `camel`; for `snake`, Customer.io's own writing, the name as it is. */
export const inCase = (name: string, propertyCase: PropertyCase): string =>
  propertyCase === 'snake'
    ? name
    : name.replace(/(?<=[\p{L}\p{N}])_+([\p{L}\p{N}])/gu, (_, letter: string) => letter.toUpperCase());
