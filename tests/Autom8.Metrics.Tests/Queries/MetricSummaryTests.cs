using Autom8.Metrics.Queries;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace Autom8.Metrics.Tests.Queries;

public sealed class MetricSummaryTests
{
    [Property]
    public Property Merging_parts_gives_what_summarising_the_whole_gives(int[] values, byte cut)
    {
        int at = values.Length == 0 ? 0 : cut % (values.Length + 1);
        MetricSummary left = Of(values.AsSpan(0, at));
        MetricSummary right = Of(values.AsSpan(at));
        return (left.Merge(right) == Of(values) && right.Merge(left) == Of(values)).ToProperty();
    }

    [Fact]
    public void A_sum_saturates_instead_of_overflowing()
    {
        var huge = new MetricSummary(1, double.PositiveInfinity, 1, 1);
        Assert.Equal(1e300, huge.Merge(huge).Sum);
        Assert.Equal(-1e300, new MetricSummary(1, double.NegativeInfinity, 1, 1).Sum);
    }

    [Fact]
    public void Nothing_has_no_average_no_min_and_no_max()
    {
        MetricSummary nothing = default;
        Assert.Equal((null, null, null), (nothing.Average, nothing.Min, nothing.Max));
    }

    private static MetricSummary Of(ReadOnlySpan<int> values)
    {
        MetricSummary summary = default;
        foreach (int value in values)
        {
            summary = summary.Merge(new MetricSummary(1, value, value, value));
        }

        return summary;
    }
}
