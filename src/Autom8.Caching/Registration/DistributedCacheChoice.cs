using Microsoft.Extensions.Caching.Distributed;

namespace Autom8.Caching.Registration;

/// <summary>Which second tier was asked for.</summary>
internal sealed record DistributedCacheChoice(Func<IServiceProvider, IDistributedCache> Make);
