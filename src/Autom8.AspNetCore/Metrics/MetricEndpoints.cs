using System.Globalization;
using Autom8.Hosting;
using Autom8.Metrics;
using Autom8.Metrics.Queries;
using Autom8.Security.Accounts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Autom8.AspNetCore;

/// <summary><c>/metrics</c> under the API: which series there are, and what they measured by steps of whole minutes.</summary>
internal static class MetricEndpoints
{
    private static readonly string[] Readers = [AccountRoles.Viewer, AccountRoles.Editor, AccountRoles.Administrator];

    public static void MapMetricQueries(this IEndpointRouteBuilder api)
    {
        var metrics = api.MapGroup("/metrics").WithTags("Metrics");
        metrics
            .MapGet("/series", ListSeries)
            .WithName("ListSeries")
            .WithSummary("Lists the series that are kept, of one metric or of all.")
            .RequireRole(Readers);
        metrics
            .MapGet("/query", Query)
            .WithName("QueryMetric")
            .WithSummary(
                "Count, sum, average, min and max of a metric, over a period and by steps; all tags are merged but those given as tag=key=value."
            )
            .RequireRole(Readers);
    }

    private static async Task<Ok<SeriesListResponse>> ListSeries(MetricReader reader, string? name, CancellationToken cancellationToken)
    {
        var series = await reader.ListSeriesAsync(name, cancellationToken).ConfigureAwait(false);
        return TypedResults.Ok(
            new SeriesListResponse([.. series.Select(s => new SeriesResponse(s.MetricType, s.Unit, s.Kind, s.Tags.ToDictionary()))])
        );
    }

    private static async Task<Results<Ok<MetricQueryResponse>, ProblemResult>> Query(
        MetricReader reader,
        TimeProvider time,
        string name,
        DateTimeOffset? from,
        DateTimeOffset? to,
        int? stepMinutes,
        [FromQuery] string[]? tag = null,
        CancellationToken cancellationToken = default
    )
    {
        if (!IsReasonable(from) || !IsReasonable(to))
        {
            return ProblemResult.Invalid(IsReasonable(from) ? "to" : "from", "Give a time from 1970 to 9998.");
        }

        var end = to ?? time.GetUtcNow();
        var begin = from ?? end.AddHours(-1);
        if (begin >= end)
        {
            return ProblemResult.Invalid("from", "The period must begin before it ends.");
        }

        if (stepMinutes is < 1 or > 527_040)
        {
            return ProblemResult.Invalid("stepMinutes", "A step is 1 to 527040 whole minutes (a year).");
        }

        var tags = new List<KeyValuePair<string, string?>>();
        foreach (var pair in tag ?? [])
        {
            var parts = pair.Split('=', 2);
            if (parts.Length != 2 || parts[0].Length == 0)
            {
                return ProblemResult.Invalid("tag", "A tag is given as tag=key=value.");
            }

            tags.Add(new KeyValuePair<string, string?>(parts[0], parts[1]));
        }

        var period = new MetricPeriod(begin, end).ToWholeMinutes();
        var minutes = (period.To - period.From).TotalMinutes;
        var least = (int)Math.Ceiling(minutes / IMetricQuery.MaxSteps);
        // Left to us, a step gives at most a few hundred points: what a chart can show.
        var step = stepMinutes ?? Math.Max(1, (int)Math.Ceiling(minutes / 360));
        if (step < least)
        {
            return ProblemResult.Invalid(
                "stepMinutes",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"This period needs steps of at least {least} minutes, so that there are at most {IMetricQuery.MaxSteps}."
                )
            );
        }

        var selector = new MetricSelector(name, tags.Count == 0 ? null : MetricTags.Create(tags));
        var steps = await reader.RangeAsync(selector, period, TimeSpan.FromMinutes(step), cancellationToken).ConfigureAwait(false);
        var whole = steps.Aggregate(default(MetricSummary), (sum, point) => sum.Merge(point.Summary));
        return TypedResults.Ok(
            new MetricQueryResponse(
                name,
                period.From,
                period.To,
                step,
                SummaryResponse.From(whole),
                [.. steps.Select(s => new StepResponse(s.Start, SummaryResponse.From(s.Summary)))]
            )
        );
    }

    // Far enough from the ends of the calendar that no arithmetic of whole minutes leaves it.
    private static bool IsReasonable(DateTimeOffset? instant) => instant is null or { UtcDateTime.Year: >= 1970 and <= 9998 };
}
