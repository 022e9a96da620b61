// A certified OpenID provider with users whose names say what they are: operator… has the operators' group, brief… gets
// access tokens that end at once. Any password is right. Access tokens are JWTs for Cloud Controller.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import Provider from 'oidc-provider';

const { ISSUER, PORT, CERTIFICATE, PRIVATE_KEY, CLIENT_ID, CLIENT_SECRET, REDIRECTS, OPERATOR_GROUP, COOKIE_KEY } = process.env;
const groups = (user) => (user.startsWith('operator') ? [OPERATOR_GROUP] : []);

const provider = new Provider(ISSUER, {
  clients: [{
    client_id: CLIENT_ID,
    client_secret: CLIENT_SECRET,
    redirect_uris: REDIRECTS.split(' '),
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
  }],
  cookies: { keys: [COOKIE_KEY] },
  claims: { openid: ['sub'], groups: ['groups', 'preferred_username'] },
  conformIdTokenClaims: false,
  extraTokenClaims: (ctx, token) => ({ user_name: token.accountId, groups: groups(token.accountId) }),
  findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id, preferred_username: id, groups: groups(id) }) }),
  features: {
    devInteractions: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => 'https://api.test',
      getResourceServerInfo: () => ({ scope: 'cloud_controller.read', audience: 'cloud_controller', accessTokenFormat: 'jwt' }),
      useGrantedResource: () => true,
    },
  },
  issueRefreshToken: () => true,
  pkce: { required: () => true },
  ttl: {
    AccessToken: (ctx, token) => (token.accountId.startsWith('brief') ? 10 : 3600),
    Grant: 86400, IdToken: 3600, Interaction: 600, RefreshToken: 86400, Session: 86400,
  },
});

createServer({ cert: readFileSync(CERTIFICATE), key: readFileSync(PRIVATE_KEY) }, provider.callback())
  .listen(Number(PORT), '127.0.0.1');
