using Autom8.Security.Accounts;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Security.Tests.Accounts;

public sealed class EpochMemoryTests
{
    private static readonly Guid Id = Guid.CreateVersion7(Keyrings.Start);

    private readonly FakeTimeProvider time = new(Keyrings.Start);
    private readonly EpochMemory memory;

    public EpochMemoryTests() => memory = new EpochMemory(time);

    [Fact]
    public void What_was_read_before_a_change_is_not_remembered_after_it()
    {
        var reading = memory.Begin();
        memory.Forget(Id);
        memory.Remember(Id, 1, reading);
        Assert.False(memory.TryGet(Id, out _));
    }

    [Fact]
    public void An_epoch_ages_from_the_moment_its_reading_began()
    {
        var reading = memory.Begin();
        time.Advance(TimeSpan.FromMilliseconds(999));
        memory.Remember(Id, null, reading);
        Assert.True(memory.TryGet(Id, out var epoch));
        Assert.Null(epoch);
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False(memory.TryGet(Id, out _));
    }

    [Fact]
    public void Memory_is_bounded()
    {
        memory.Remember(Id, 1, memory.Begin());
        for (var i = 0; i < 10_000; i++)
        {
            memory.Remember(Guid.CreateVersion7(Keyrings.Start), i, memory.Begin());
        }

        Assert.False(memory.TryGet(Id, out _));
    }
}
