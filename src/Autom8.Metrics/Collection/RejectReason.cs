namespace Autom8.Metrics.Collection;

/// <summary>The values of the tag <c>reason</c> on <c>autom8.metrics.rejected</c>.</summary>
internal static class RejectReason
{
    public const string NotANumber = "nan";
    public const string Infinite = "infinite";
    public const string Range = "range";

    /// <summary>A counter was given a negative increment.</summary>
    public const string Negative = "negative";

    /// <summary>An observable counter went back; counting goes on from its new value.</summary>
    public const string CounterReset = "counter_reset";

    /// <summary>A tag value could not be turned into text.</summary>
    public const string Tags = "tags";

    /// <summary>A second instrument of the same name has another unit or kind.</summary>
    public const string Clash = "clash";

    /// <summary>There are more instruments than the limit.</summary>
    public const string Instruments = "instruments";

    /// <summary>An observable instrument's callback threw.</summary>
    public const string Callback = "callback";
}
