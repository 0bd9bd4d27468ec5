namespace Autom8.Security.Keys;

/// <summary>A step in the life of a key.</summary>
/// <param name="Purpose">The key's purpose.</param>
/// <param name="Key">The key.</param>
/// <param name="From">The state it was in; null when it was made.</param>
/// <param name="To">The state it is in now.</param>
public readonly record struct KeyChange(KeyPurpose Purpose, KeyId Key, KeyState? From, KeyState To);
