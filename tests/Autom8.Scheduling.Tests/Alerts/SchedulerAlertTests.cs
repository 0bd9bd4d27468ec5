using Autom8.Scheduling.Alerts;

namespace Autom8.Scheduling.Tests.Alerts;

public sealed class SchedulerAlertTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 10, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_same_news_has_the_same_fingerprint_from_every_node_at_every_moment() =>
        Assert.Equal(
            Alert().Fingerprint,
            (Alert() with { Node = "other", HappenedAt = Now.AddHours(1), Since = Now.ToOffset(TimeSpan.FromHours(2)) }).Fingerprint
        );

    [Fact]
    public void Other_news_has_another()
    {
        SchedulerAlert[] others =
        [
            Alert(),
            Alert() with
            {
                Kind = AlertKind.Dead,
            },
            Alert() with
            {
                Kind = AlertKind.Recovered,
                RecoveredFrom = AlertKind.Failed,
            },
            Alert() with
            {
                Kind = AlertKind.Recovered,
                RecoveredFrom = AlertKind.Late,
            },
            Alert() with
            {
                TaskId = Guid.Empty,
            },
            Alert() with
            {
                Since = Now.AddTicks(1),
            },
            Alert() with
            {
                Reminder = 1,
            },
        ];
        Assert.Equal(others.Length, others.Select(a => a.Fingerprint).Distinct().Count());
    }

    [Fact]
    public void The_fingerprint_is_stable_over_versions() => Assert.Equal("20956cb5f9e50102d6ff2b45bd578298", Alert().Fingerprint);

    [Theory]
    [InlineData("a\r\nBcc: x", "a  Bcc: x")]
    [InlineData("a\u001b[31mb", "a [31mb")]
    [InlineData("a\u202eb\u2028c", "a b c")]
    [InlineData("żółw 🐢", "żółw 🐢")]
    public void Texts_are_one_line_without_anything_that_steers(string text, string expected)
    {
        var alert = Alert() with { ErrorMessage = text, ErrorType = text, Node = text, Queue = text, TaskName = text };
        Assert.All([alert.ErrorMessage, alert.ErrorType, alert.Node, alert.Queue, alert.TaskName], t => Assert.Equal(expected, t));
        Assert.DoesNotContain(alert.Text, char.IsControl);
    }

    [Fact]
    public void Half_a_character_is_replaced() => Assert.Equal("a\ufffd", (Alert() with { ErrorMessage = "a\ud83d" }).ErrorMessage);

    [Fact]
    public void A_long_message_is_cut_between_characters()
    {
        var message = (Alert() with { ErrorMessage = "a" + string.Concat(Enumerable.Repeat("🐢", 400)) }).ErrorMessage!;
        Assert.InRange(message.Length, SchedulerAlert.MaxErrorMessageLength - 1, SchedulerAlert.MaxErrorMessageLength);
        Assert.EndsWith("🐢…", message, StringComparison.Ordinal);
        Assert.Equal(new string('a', 500), (Alert() with { ErrorMessage = new('a', 500) }).ErrorMessage);
    }

    internal static SchedulerAlert Alert(int number = 0) =>
        new()
        {
            Kind = AlertKind.Failed,
            TaskId = new Guid(number, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
            TaskName = "invoices",
            HappenedAt = Now,
            Since = Now,
            ConsecutiveFailures = 1,
            Attempt = 1,
            ErrorType = "System.TimeoutException",
            ErrorMessage = "too slow",
            ScheduledAt = Now,
            Node = "node-1",
        };
}
