using Autom8.Security.Keys;

namespace Autom8.Security.Tests.Keys;

/// <summary>A module that says what its rows need.</summary>
internal sealed class KeyUses : IKeyUsage
{
    public List<KeyUse> Uses { get; } = [];

    public ValueTask<IReadOnlyList<KeyUse>> CountAsync(CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IReadOnlyList<KeyUse>>([.. Uses]);
}
