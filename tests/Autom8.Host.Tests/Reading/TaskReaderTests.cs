using Autom8.Caching.Testing;
using Autom8.Scheduling.Tasks;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Host.Tests.Reading;

public sealed class TaskReaderTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero));
    private readonly TaskTable _table = new() { Task = TaskTable.Some("mail", version: 1) };
    private readonly Guid _id;
    private ReadingNode _one = null!;
    private ReadingNode _two = null!;

    public TaskReaderTests() => _id = _table.Task!.Id;

    public Task InitializeAsync()
    {
        var server = new InMemorySharedCache(_time);
        (_one, _two) = (new ReadingNode(server, _time, _table), new ReadingNode(server, _time, _table));
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _one.DisposeAsync();
        await _two.DisposeAsync();
    }

    [Fact]
    public async Task Any_number_of_reads_within_half_a_second_cost_the_database_one()
    {
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(_table.Task, await _one.Tasks.FindAsync(_id));
            Assert.Equal([_table.Task!], (await _one.Tasks.ListAsync(limit: 50)).Items);
        }

        Assert.Equal(2, _table.Reads);
    }

    [Fact]
    public async Task What_one_node_has_read_the_other_reads_from_the_shared_tier_down_to_the_last_property()
    {
        _table.Executions =
        [
            new TaskExecution
            {
                Id = long.MaxValue,
                JobId = Guid.CreateVersion7(),
                TaskId = _id,
                Job = "job",
                ScheduledAt = _time.GetUtcNow(),
                StartedAt = _time.GetUtcNow(),
                CompletedAt = _time.GetUtcNow(),
                Status = ExecutionStatus.Abandoned,
                ErrorMessage = "It \"broke\"",
                Attempt = 2,
                Node = "node",
                Output = "42",
                Log = "line\n",
            },
        ];
        await ReadAllAsync(_one);
        var reads = _table.Reads;

        var (task, page, runs) = await ReadAllAsync(_two);

        Assert.Equal(_table.Task, task);
        Assert.Equal([_table.Task!], page.Items);
        Assert.Equal("mail", page.NextAfter);
        Assert.Equal(_table.Executions, runs.Items);
        Assert.Equal(7, runs.NextBefore);
        Assert.Equal(reads, _table.Reads);
    }

    [Fact]
    public async Task A_change_is_seen_by_the_next_read_on_both_nodes()
    {
        await ReadAllAsync(_one);
        await ReadAllAsync(_two);

        await _one.Scheduler.PauseAsync(_id);

        Assert.False((await ReadAllAsync(_one)).Task!.Enabled);
        Assert.False((await ReadAllAsync(_two)).Page.Items[0].Enabled);
        await _two.Scheduler.DeleteAsync(_id);
        Assert.Null((await ReadAllAsync(_one)).Task);
        Assert.Empty((await ReadAllAsync(_two)).Page.Items);
    }

    [Fact]
    public async Task A_change_whose_commit_was_not_confirmed_is_seen_too()
    {
        await ReadAllAsync(_one);
        _table.Failure = new TimeoutException();

        await Assert.ThrowsAsync<TimeoutException>(() => _one.Scheduler.ResumeAsync(_id).AsTask());

        Assert.Equal(2, (await _one.Tasks.FindAsync(_id))!.Version);
    }

    [Fact]
    public async Task What_moves_by_itself_is_seen_within_a_second()
    {
        await ReadAllAsync(_one);
        await ReadAllAsync(_two);
        _table.Task = _table.Task! with { Status = ScheduledTaskStatus.Running };
        Assert.Equal(ScheduledTaskStatus.Failed, (await ReadAllAsync(_one)).Task!.Status);

        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(ScheduledTaskStatus.Running, (await ReadAllAsync(_one)).Task!.Status);
        Assert.Equal(ScheduledTaskStatus.Running, (await ReadAllAsync(_two)).Page.Items[0].Status);
    }

    [Fact]
    public async Task A_task_that_was_looked_for_in_vain_is_found_as_soon_as_it_is_there()
    {
        var task = _table.Task;
        _table.Task = null;
        Assert.Null(await _one.Tasks.FindAsync(_id));
        Assert.Null(await _two.Tasks.FindAsync(_id));

        _table.Task = task;

        Assert.NotNull(await _one.Tasks.FindAsync(_id));
        Assert.NotNull(await _two.Tasks.FindAsync(_id));
    }

    [Fact]
    public async Task Whoever_asks_the_scheduler_itself_asks_the_database()
    {
        await ReadAllAsync(_one);
        _table.Task = _table.Task! with { Version = 2 };

        Assert.Equal(2, (await _one.Scheduler.FindAsync(_id))!.Version);
        Assert.Equal(2, (await _one.Scheduler.FindAsync("mail"))!.Version);
        Assert.Equal(2, (await _one.Scheduler.ListAsync()).Items[0].Version);
    }

    [Fact]
    public async Task A_page_after_a_name_that_no_task_can_have_is_answered_and_not_kept()
    {
        Assert.Empty((await _one.Tasks.ListAsync(new string('z', 5_000))).Items);
        Assert.Empty((await _one.Tasks.ListAsync(new string('z', 5_000))).Items);
        Assert.Equal(2, _table.Reads);
    }

    private async Task<(ScheduledTask? Task, TaskPage Page, ExecutionPage Runs)> ReadAllAsync(ReadingNode node) =>
        (await node.Tasks.FindAsync(_id), await node.Tasks.ListAsync(limit: 1), await node.Tasks.ListExecutionsAsync(_id));
}
