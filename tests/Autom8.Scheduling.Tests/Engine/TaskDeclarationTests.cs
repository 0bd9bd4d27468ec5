using Autom8.Scheduling.Tasks;

namespace Autom8.Scheduling.Tests.Engine;

public sealed class TaskDeclarationTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 10, 7, 30, TimeSpan.Zero);

    private static readonly TaskDefinition First = new()
    {
        Name = "report",
        Job = "report",
        Schedule = "0 3 * * *",
        Timeout = TimeSpan.FromMinutes(1),
    };

    private static readonly ScheduledTask Stored = DefinitionRules.Create(
        First,
        Autom8.Scheduling.Schedules.Schedule.Parse(First.Schedule),
        Now.AddDays(-1),
        TaskDeclaration.Text(First)
    );

    [Fact]
    public void The_same_declaration_changes_nothing_whatever_was_changed_since()
    {
        Assert.Null(TaskDeclaration.Merge(Stored, First, Now));
        Assert.Null(TaskDeclaration.Merge(Stored with { Enabled = false, NextRun = null, Schedule = "0 9 * * *" }, First, Now));
    }

    [Fact]
    public void What_the_code_changed_is_taken_over()
    {
        var edit = TaskDeclaration.Merge(Stored, First with { Schedule = "0 4 * * *", Misfire = MisfirePolicy.Skip }, Now)!;
        Assert.Equal(["Schedule", "Misfire"], edit.ChangedFields);
        Assert.Equal(new DateTimeOffset(2026, 11, 24, 4, 0, 0, TimeSpan.Zero), edit.Task.NextRun);
        Assert.Null(TaskDeclaration.Merge(edit.Task, First with { Schedule = "0 4 * * *", Misfire = MisfirePolicy.Skip }, Now));
    }

    [Fact]
    public void What_an_operator_changed_stays_when_the_code_changes_something_else()
    {
        var operated = Stored with { Enabled = false, NextRun = null, Schedule = "0 9 * * *" };
        var edit = TaskDeclaration.Merge(operated, First with { Schedule = "0 4 * * *", Timeout = null }, Now)!;
        Assert.Equal(["Timeout"], edit.ChangedFields);
        Assert.Equal(("0 9 * * *", false, null), (edit.Task.Schedule, edit.Task.Enabled, edit.Task.NextRun));
    }

    [Fact]
    public void A_task_that_somebody_made_before_the_code_declared_it_is_left_as_it_is()
    {
        var made = Stored with { Declared = null, Schedule = "0 9 * * *" };
        var edit = TaskDeclaration.Merge(made, First, Now)!;
        Assert.Empty(edit.ChangedFields);
        Assert.Equal("0 9 * * *", edit.Task.Schedule);
        Assert.NotNull(edit.Task.Declared);
    }

    [Fact]
    public void A_task_that_lost_its_next_run_to_an_unreadable_zone_gets_it_back()
    {
        var edit = TaskDeclaration.Merge(Stored with { NextRun = null }, First, Now)!;
        Assert.Equal(new DateTimeOffset(2026, 11, 24, 3, 0, 0, TimeSpan.Zero), edit.Task.NextRun);
        Assert.Null(TaskDeclaration.Merge(edit.Task, First, Now));
    }
}
