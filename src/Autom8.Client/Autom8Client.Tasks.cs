using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;

namespace Autom8.Client;

/// <content>Scheduled tasks. Reading takes any role, the rest that of an administrator.</content>
public sealed partial class Autom8Client
{
    /// <summary>Every task, ordered by name, read page by page.</summary>
    public async IAsyncEnumerable<ScheduledTask> ListTasksAsync(
        int pageSize = 100,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        string? after = null;
        do
        {
            var query = string.Create(CultureInfo.InvariantCulture, $"api/v1/tasks?limit={pageSize}");
            var page = await SendAsync(
                    HttpMethod.Get,
                    after is null ? query : query + "&after=" + Uri.EscapeDataString(after),
                    content: null,
                    TasksJson.Default.TaskPage,
                    cancellationToken
                )
                .ConfigureAwait(false);
            foreach (var task in page.Items)
            {
                yield return task;
            }

            after = page.NextAfter;
        } while (after is not null);
    }

    /// <summary>The task of an id.</summary>
    public Task<ScheduledTask> GetTaskAsync(Guid id, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Get, $"api/v1/tasks/{id}", content: null, TasksJson.Default.ScheduledTask, cancellationToken);

    /// <summary>The task of an id or a name, or null. The API knows tasks by id: a name is looked for among all of them.</summary>
    public async Task<ScheduledTask?> FindTaskAsync(string nameOrId, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(nameOrId);
        if (Guid.TryParse(nameOrId, out var id))
        {
            try
            {
                return await GetTaskAsync(id, cancellationToken).ConfigureAwait(false);
            }
            catch (Autom8ApiException error) when (error.StatusCode == HttpStatusCode.NotFound)
            {
                // A task may be called so.
            }
        }

        await foreach (var task in ListTasksAsync(500, cancellationToken).ConfigureAwait(false))
        {
            if (task.Name == nameOrId)
            {
                return task;
            }
        }

        return null;
    }

    /// <summary>Runs a task now, be it paused or not.</summary>
    public Task RunTaskAsync(Guid id, CancellationToken cancellationToken = default) =>
        CommandAsync($"api/v1/tasks/{id}/run", cancellationToken);

    /// <summary>Pauses a task; what is running goes on.</summary>
    /// <param name="id">The task.</param>
    /// <param name="reason">Why, at most 500 characters; kept while it is paused.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<ScheduledTask> PauseTaskAsync(Guid id, string? reason = null, CancellationToken cancellationToken = default) =>
        SendAsync(
            HttpMethod.Post,
            reason is null ? $"api/v1/tasks/{id}/pause" : $"api/v1/tasks/{id}/pause?reason={Uri.EscapeDataString(reason)}",
            content: null,
            TasksJson.Default.ScheduledTask,
            cancellationToken
        );

    /// <summary>Resumes a task with its next occurrence from now on.</summary>
    public Task<ScheduledTask> ResumeTaskAsync(Guid id, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Post, $"api/v1/tasks/{id}/resume", content: null, TasksJson.Default.ScheduledTask, cancellationToken);

    /// <summary>Runs the occurrences of a time past, whether they were run or not.</summary>
    /// <param name="id">The task.</param>
    /// <param name="from">The first instant that counts.</param>
    /// <param name="until">The last one; it must be past.</param>
    /// <param name="limit">At most so many, the oldest; 1 to 10,000.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>How many were added.</returns>
    public async Task<int> BackfillTaskAsync(
        Guid id,
        DateTimeOffset from,
        DateTimeOffset until,
        int limit = 1_000,
        CancellationToken cancellationToken = default
    )
    {
        var answer = await SendAsync(
                HttpMethod.Post,
                $"api/v1/tasks/{id}/backfill",
                JsonContent.Create(new Backfill(from, until, limit), TasksJson.Default.Backfill),
                TasksJson.Default.Backfilled,
                cancellationToken
            )
            .ConfigureAwait(false);
        return answer.Added;
    }

    /// <summary>When a task runs next; of a paused one, when it would.</summary>
    /// <param name="id">The task.</param>
    /// <param name="count">How many occurrences, 1 to 500.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<SchedulePreview> GetNextAsync(Guid id, int count = 10, CancellationToken cancellationToken = default) =>
        SendAsync(
            HttpMethod.Get,
            string.Create(CultureInfo.InvariantCulture, $"api/v1/tasks/{id}/next?count={count}"),
            content: null,
            TasksJson.Default.SchedulePreview,
            cancellationToken
        );

    /// <summary>When a schedule would run, or by <see cref="Autom8ApiException"/> what is wrong with it.</summary>
    /// <param name="schedule">The schedule, such as <c>0 7 * * MON-FRI</c>.</param>
    /// <param name="timeZone">The IANA time zone that it is meant in.</param>
    /// <param name="count">How many occurrences, 1 to 500.</param>
    /// <param name="name">The name of the task, by which <c>H</c> and jitter are picked.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<SchedulePreview> PreviewScheduleAsync(
        string schedule,
        string timeZone = "UTC",
        int count = 10,
        string? name = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(schedule);
        ArgumentNullException.ThrowIfNull(timeZone);
        var path = string.Create(
            CultureInfo.InvariantCulture,
            $"api/v1/tasks/preview?schedule={Uri.EscapeDataString(schedule)}&timeZone={Uri.EscapeDataString(timeZone)}&count={count}"
        );
        return SendAsync(
            HttpMethod.Get,
            name is null ? path : path + "&name=" + Uri.EscapeDataString(name),
            content: null,
            TasksJson.Default.SchedulePreview,
            cancellationToken
        );
    }

    /// <summary>The runs of a task, the newest first, read page by page.</summary>
    public async IAsyncEnumerable<Execution> ListTaskExecutionsAsync(
        Guid id,
        int pageSize = 100,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        long? before = null;
        do
        {
            var query = string.Create(CultureInfo.InvariantCulture, $"api/v1/tasks/{id}/executions?limit={pageSize}");
            var page = await SendAsync(
                    HttpMethod.Get,
                    before is null ? query : string.Create(CultureInfo.InvariantCulture, $"{query}&before={before}"),
                    content: null,
                    TasksJson.Default.ExecutionPage,
                    cancellationToken
                )
                .ConfigureAwait(false);
            foreach (var execution in page.Items)
            {
                yield return execution;
            }

            before = page.NextBefore;
        } while (before is not null);
    }

    /// <summary>How the runs of a task went.</summary>
    /// <param name="id">The task.</param>
    /// <param name="since">Since when; null for 24 hours ago.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<JobStatistics> GetTaskStatisticsAsync(
        Guid id,
        DateTimeOffset? since = null,
        CancellationToken cancellationToken = default
    ) =>
        SendAsync(
            HttpMethod.Get,
            $"api/v1/tasks/{id}/statistics{Since(since)}",
            content: null,
            TasksJson.Default.JobStatistics,
            cancellationToken
        );

    private async Task CommandAsync(string path, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(HttpMethod.Post, path, content: null, ifMatch: null, cancellationToken).ConfigureAwait(false);
    }
}
