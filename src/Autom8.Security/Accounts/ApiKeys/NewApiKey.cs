namespace Autom8.Security.Accounts;

/// <summary>A key that was just made. This is the only copy of its secret: hand it over and forget it.</summary>
public sealed class NewApiKey
{
    internal NewApiKey(ApiKey key, string secret) => (Key, Secret) = (key, secret);

    /// <summary>The key.</summary>
    public ApiKey Key { get; }

    /// <summary>What the program or device sends: a prefix, 256 random bits and a checksum, 52 characters.</summary>
    public string Secret { get; }

    /// <summary>Names the key; never shows its secret.</summary>
    public override string ToString() => $"New key '{Key.Name}'";
}
