using System.Security.Cryptography;
using Autom8.Security.Keys;
using Autom8.Security.Tokens;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Autom8.Benchmarks.Security.Rows;

/// <summary>Access tokens of twelve claims, about 600 characters, of sixty-four callers; and what validates them, ours and Microsoft's.</summary>
internal sealed class TokenWorkload : IDisposable
{
    public const int Mask = 63;

    private readonly IDisposable? _signer;

    public TokenWorkload(TokenAlgorithm algorithm)
    {
        Keyring = Keyring.Create(TimeProvider.System, algorithm);
        Ours = new TokenValidator(Keyring, Options);
        var issuer = new TokenIssuer(Keyring, Options);
        Tokens =
        [
            .. Enumerable
                .Range(0, Mask + 1)
                .Select(i =>
                    issuer
                        .Issue(
                            new TokenRequest(Guid.CreateVersion7().ToString())
                            {
                                Roles = ["editor", "operator", "auditor"],
                                Scopes = ["contacts.read", "contacts.write", "tasks.run"],
                                Claims = new Dictionary<string, string>
                                {
                                    ["name"] = $"Ada Lovelace {i}",
                                    ["epoch"] = "1",
                                    ["tenant"] = "analytical-engines",
                                },
                            }
                        )
                        .Token
                ),
        ];
        var key = Keyring.Active(KeyPurpose.TokenSigning);
        (SigningKey, _signer) = Import(algorithm, key);
        SigningKey.KeyId = key.Id.ToString();
        Theirs = new TokenValidationParameters
        {
            ValidIssuer = Options.Issuer,
            ValidAudience = Options.Audience,
            ValidTypes = ["at+jwt"],
            ValidAlgorithms = [algorithm.ToString()],
            IssuerSigningKey = SigningKey,
            ClockSkew = Options.ClockSkew,
            NameClaimType = "name",
            RoleClaimType = "roles",
        };
    }

    public static TokenOptions Options { get; } = new();

    public string[] Tokens { get; }

    public Keyring Keyring { get; }

    public TokenValidator Ours { get; }

    public TokenValidationParameters Theirs { get; }

    public SecurityKey SigningKey { get; }

    /// <summary>Microsoft's handler with parameters made once, which ends before it returns.</summary>
    public static int Validate(JsonWebTokenHandler handler, string token, TokenValidationParameters parameters)
    {
        var validation = handler.ValidateTokenAsync(token, parameters);
        return validation.IsCompletedSuccessfully && validation.Result.IsValid
            ? 1
            : throw new InvalidOperationException("The token should be valid.", validation.Result.Exception);
    }

    public void Dispose() => _signer?.Dispose();

    private static (SecurityKey Key, IDisposable? Owned) Import(TokenAlgorithm algorithm, KeyringKey key)
    {
        switch (algorithm)
        {
            case TokenAlgorithm.HS256:
                return (new SymmetricSecurityKey(key.Material.ToArray()), null);
            case TokenAlgorithm.RS256:
                var rsa = RSA.Create();
                rsa.ImportPkcs8PrivateKey(key.Material, out _);
                return (new RsaSecurityKey(rsa), rsa);
            default:
                var ecdsa = ECDsa.Create();
                ecdsa.ImportPkcs8PrivateKey(key.Material, out _);
                return (new ECDsaSecurityKey(ecdsa), ecdsa);
        }
    }
}
