// Where serverless-offline differs from API Gateway in a way an SDK can notice.

interface OfflinePlugin {
  internals(): {
    getApiGatewayServer(): {
      ext(point: 'onPreHandler', method: (request: Request, toolkit: { continue: symbol }) => symbol): void;
    };
  };
}

interface Request {
  readonly headers: Record<string, string | undefined>;
}

const hasInternals = (plugin: object): plugin is OfflinePlugin => 'internals' in plugin;

/**
 * API Gateway hands a compressed body to the function as it came, in base64. serverless-offline does so only for
 * certain content types and would break the bytes of any other by reading them as text. The function gets its
 * headers from the socket, so what is changed here is seen by serverless-offline alone.
 */
export const sendEncodedBodiesAsBytes = (plugins: readonly object[]): void => {
  const offline = plugins.find(hasInternals);
  offline
    ?.internals()
    .getApiGatewayServer()
    .ext('onPreHandler', ({ headers }, toolkit) => {
      if (headers['content-encoding']) headers['content-type'] = 'application/octet-stream';
      return toolkit.continue;
    });
};
