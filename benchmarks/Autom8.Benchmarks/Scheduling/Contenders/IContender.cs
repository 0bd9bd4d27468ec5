namespace Autom8.Benchmarks.Scheduling.Contenders;

/// <summary>A scheduler with durable jobs as one node. A started one is not started again.</summary>
internal interface IContender : IAsyncDisposable
{
    /// <summary>Stores jobs that are due at once, the fastest way there is.</summary>
    Task StoreAsync(int count);

    /// <summary>Stores one job; it is durable when this returns.</summary>
    Task EnqueueAsync(int index);

    Task StartAsync();

    /// <summary>Returns when every job that <see cref="StoreAsync"/> stored was run and is recorded as such.</summary>
    Task RecordedAsync();
}
