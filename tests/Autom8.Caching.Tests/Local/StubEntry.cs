using Autom8.Caching.Loads;
using Autom8.Caching.Local;

namespace Autom8.Caching.Tests.Local;

/// <summary>An entry that says of itself what it weighs.</summary>
internal sealed class StubEntry(long valueBytes = 8) : CacheEntry(new EntryTraits(), epoch: 0)
{
    public override long ValueBytes => valueBytes;
}
