using Autom8.Scheduling.Storage.Memory;
using Autom8.Scheduling.Tasks;

namespace Autom8.Scheduling.Tests.Storage;

/// <summary>The rows of the store in memory, their indexes and their order, beside dictionaries that are told the same.</summary>
public sealed class TaskTableTests
{
    private readonly TaskTable _table = new();
    private readonly TaskNames _names;
    private readonly SharedDefinitions _definitions = new();
    private readonly SortedDictionary<string, ScheduledTask> _expected = new(StringComparer.Ordinal);

    public TaskTableTests() => _names = new(_table);

    [Theory]
    [InlineData(1, 40)]
    [InlineData(2, 3_000)]
    [InlineData(3, 3_000)]
    public void What_was_added_renamed_and_removed_at_random_is_found_and_in_order(int seed, int names)
    {
        var random = new Random(seed);
        for (var i = 0; i < 20_000; i++)
        {
            var name = Name(random.Next(names));
            var row = _table.Find(name);
            Assert.Equal(_expected.ContainsKey(name), row != TaskTable.None);
            // More come than go, then the other way round: pieces are split, and are gone.
            var comes = random.Next(10) < (i < 12_000 ? 7 : 3);
            if (comes)
            {
                Assert.Equal(row == TaskTable.None, Add(name) != TaskTable.None);
            }
            else if (row != TaskTable.None && random.Next(3) == 0)
            {
                Rename(row, name, Name(random.Next(names)));
            }
            else if (row != TaskTable.None)
            {
                Remove(row, name);
            }

            if (i % 1_000 == 0)
            {
                Check(Name(random.Next(names)));
            }
        }

        foreach (var name in _expected.Keys.ToList())
        {
            Remove(_table.Find(name), name);
        }

        Check(null);
    }

    [Fact]
    public void Names_that_come_in_order_or_in_the_opposite_one_are_in_order()
    {
        for (var i = 0; i < 5_000; i++)
        {
            Add($"a{i:D5}");
            Add($"b{99_999 - i:D5}");
        }

        Check("a04321");
        Check("b");
        Check("c");
    }

    private static string Name(int number) => $"{number * 7919 % 1000:D3} {(char)('a' + (number % 26))} {number}";

    private int Add(string name)
    {
        var task = new ScheduledTask
        {
            Id = Guid.NewGuid(),
            Name = name,
            Job = "job",
            Schedule = name[..3],
            Version = 1,
            CreatedAt = default,
            UpdatedAt = default,
        };
        var row = _table.Add(task, _definitions);
        if (row != TaskTable.None)
        {
            _names.Add(row);
            _expected.Add(name, task);
        }

        return row;
    }

    private void Rename(int row, string name, string other)
    {
        if (_table.Find(other) != TaskTable.None)
        {
            return;
        }

        _names.Remove(row);
        _table.Rename(row, other);
        _names.Add(row);
        _expected.Remove(name, out var task);
        _expected.Add(other, task!);
    }

    private void Remove(int row, string name)
    {
        _names.Remove(row);
        _definitions.Release(_table[row].Definition);
        _table.Remove(row);
        _expected.Remove(name, out var task);
        Assert.Equal(TaskTable.None, _table.Find(task!.Id));
    }

    private void Check(string? after)
    {
        Assert.Equal(_expected.Keys, Names(null));
        Assert.Equal(_expected.Keys.Where(n => after is null || string.CompareOrdinal(n, after) > 0), Names(after));
        foreach (var (name, task) in _expected)
        {
            var row = _table.Find(name);
            Assert.Equal(row, _table.Find(task.Id));
            Assert.Equal(task.Schedule, _table[row].Definition.Value.Schedule);
        }
    }

    private IEnumerable<string> Names(string? after) => _names.After(after).Select(row => _table.NameOf(row).ToString());
}
