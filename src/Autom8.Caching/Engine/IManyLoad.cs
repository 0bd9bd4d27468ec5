namespace Autom8.Caching.Engine;

/// <summary>Where the values of many keys are loaded from at once.</summary>
internal interface IManyLoad<TKey, T>
    where TKey : notnull
{
    bool Loads { get; }

    /// <summary>Gives the sink what there is; a key it is not given has no value.</summary>
    ValueTask RunAsync(IReadOnlyList<TKey> keys, Action<TKey, T> sink, CancellationToken cancellationToken);
}

/// <summary>Nothing is loaded.</summary>
internal readonly struct NoManyLoad<TKey, T> : IManyLoad<TKey, T>
    where TKey : notnull
{
    public bool Loads => false;

    public ValueTask RunAsync(IReadOnlyList<TKey> keys, Action<TKey, T> sink, CancellationToken cancellationToken) =>
        ValueTask.CompletedTask;
}
