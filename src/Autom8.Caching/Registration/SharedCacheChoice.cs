using Autom8.Caching.Distributed;

namespace Autom8.Caching.Registration;

/// <summary>Which shared tier was asked for.</summary>
internal sealed record SharedCacheChoice(Func<IServiceProvider, ISharedCache> Make);
