using System.Globalization;
using System.Runtime.CompilerServices;

namespace Autom8.Client;

/// <content>Jobs that wait, run or are dead. Reading takes any role, the rest that of an administrator.</content>
public sealed partial class Autom8Client
{
    /// <summary>The jobs that are not finished, in the order in which they were made, read page by page.</summary>
    /// <param name="state">Only those: <c>ready</c>, <c>claimed</c>, <c>waitingForTask</c>, <c>waitingForJobs</c> or <c>dead</c>; null for all.</param>
    /// <param name="pageSize">How many are asked for at once, 1 to 500.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public async IAsyncEnumerable<QueuedJob> ListJobsAsync(
        string? state = null,
        int pageSize = 100,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        var query = string.Create(CultureInfo.InvariantCulture, $"api/v1/jobs?limit={pageSize}");
        if (state is not null)
        {
            query += "&state=" + Uri.EscapeDataString(state);
        }

        Guid? after = null;
        do
        {
            var page = await SendAsync(
                    HttpMethod.Get,
                    after is null ? query : $"{query}&after={after}",
                    content: null,
                    TasksJson.Default.JobPage,
                    cancellationToken
                )
                .ConfigureAwait(false);
            foreach (var job in page.Items)
            {
                yield return job;
            }

            after = page.NextAfter;
        } while (after is not null);
    }

    /// <summary>The job of an id, with its progress; a finished one as long as its history is kept.</summary>
    public Task<QueuedJob> GetJobAsync(Guid id, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Get, $"api/v1/jobs/{id}", content: null, TasksJson.Default.QueuedJob, cancellationToken);

    /// <summary>The attempts at a job, the newest first.</summary>
    public async Task<IReadOnlyList<Execution>> ListJobExecutionsAsync(Guid id, CancellationToken cancellationToken = default)
    {
        var list = await SendAsync(
                HttpMethod.Get,
                $"api/v1/jobs/{id}/executions",
                content: null,
                TasksJson.Default.ExecutionList,
                cancellationToken
            )
            .ConfigureAwait(false);
        return list.Items;
    }

    /// <summary>How the runs of a job went, or of all jobs.</summary>
    /// <param name="job">The registered name of the job; null for all.</param>
    /// <param name="since">Since when; null for 24 hours ago.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<JobStatistics> GetJobStatisticsAsync(
        string? job = null,
        DateTimeOffset? since = null,
        CancellationToken cancellationToken = default
    )
    {
        var query = "api/v1/jobs/statistics" + Since(since);
        if (job is not null)
        {
            query += (since is null ? "?job=" : "&job=") + Uri.EscapeDataString(job);
        }

        return SendAsync(HttpMethod.Get, query, content: null, TasksJson.Default.JobStatistics, cancellationToken);
    }

    /// <summary>Cancels a job: one that waits at once, one that runs when it heeds its cancellation.</summary>
    public Task CancelJobAsync(Guid id, CancellationToken cancellationToken = default) =>
        CommandAsync($"api/v1/jobs/{id}/cancel", cancellationToken);

    /// <summary>Gives a dead job all its attempts again.</summary>
    public Task RequeueJobAsync(Guid id, CancellationToken cancellationToken = default) =>
        CommandAsync($"api/v1/jobs/{id}/requeue", cancellationToken);

    private static string Since(DateTimeOffset? since) =>
        since is { } time ? "?since=" + Uri.EscapeDataString(time.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture)) : "";
}
