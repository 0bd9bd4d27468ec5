using ZiggyCreatures.Caching.Fusion;

namespace Autom8.Benchmarks.Caching.Rows;

/// <summary>A source that is always there, and the count of how often it was needed. For one thread.</summary>
internal sealed class Loads
{
    private static readonly Product Value = new(1, "Lamp", 9.99m);
    private int _loaded;

    /// <summary>One in how many operations sets its key; none while it is 0.</summary>
    public int Sets { get; set; }

    public bool IsSet(int index) => Sets != 0 && index % Sets == 0;

    public void Begin() => _loaded = 0;

    public Product Load()
    {
        _loaded++;
        return Value;
    }

    public Task<Product> LoadAsync(FusionCacheFactoryExecutionContext<Product> context, CancellationToken cancellationToken) =>
        Task.FromResult(Load());

    /// <summary>The percentage of questions since <see cref="Begin"/> that did not come here.</summary>
    public double HitRateOf(int questions) => 100.0 * (questions - _loaded) / questions;
}
