using System.Runtime.CompilerServices;
using Autom8.Security.Keys;

namespace Autom8.Security.Tokens.Signatures;

/// <summary>The live token keys of a keyring, ready for use for as long as the keyring is in force.</summary>
internal sealed class TokenKeys
{
    private static readonly ConditionalWeakTable<Keyring, TokenKeys> Made = [];

    private readonly TokenKey[] _live;

    private TokenKeys(Keyring keyring)
    {
        Keyring = keyring;
        _live = [.. keyring.All(KeyPurpose.TokenSigning).Where(key => key.IsLive).Select(TokenKey.Of)];
    }

    public Keyring Keyring { get; }

    /// <summary>The keys that verify.</summary>
    public IReadOnlyList<TokenKey> Live => _live;

    public static TokenKeys Of(Keyring keyring) => Made.GetValue(keyring, static made => new TokenKeys(made));

    /// <summary>The key whose tokens begin with this header, as this service writes it.</summary>
    public TokenKey? OfHeader(ReadOnlySpan<char> token)
    {
        foreach (var key in _live)
        {
            if (
                token.Length > key.Header.Length
                && token[key.Header.Length] == '.'
                && token.StartsWith(key.Header, StringComparison.Ordinal)
            )
            {
                return key;
            }
        }

        return null;
    }

    public TokenKey? Find(KeyId id)
    {
        foreach (var key in _live)
        {
            if (key.Id == id)
            {
                return key;
            }
        }

        return null;
    }
}
