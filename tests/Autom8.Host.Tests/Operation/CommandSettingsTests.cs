using Autom8.Hosting;

namespace Autom8.Host.Tests.Operation;

/// <summary>Which arguments of a command reach the settings: never its own, always the others.</summary>
public sealed class CommandSettingsTests
{
    [Theory]
    [InlineData("keys rekek --finish --Autom8:DataFolder=/d", "--Autom8:DataFolder=/d")]
    [InlineData("keys rekek --finish --Autom8:DataFolder /d", "--Autom8:DataFolder /d")]
    [InlineData("keys rekek --Autom8:DataFolder /d --finish", "--Autom8:DataFolder /d")]
    [InlineData("keys rekek --to new.kek --Autom8:DataFolder /d", "--Autom8:DataFolder /d")]
    [InlineData("keys rekek --to --Autom8:DataFolder /d", "--Autom8:DataFolder /d")]
    [InlineData("keys escrow --to=a.pub --Autom8:DataFolder /d --out b.pem", "--Autom8:DataFolder /d")]
    [InlineData("keys recover --from /a --with /b", "")]
    [InlineData("admin reset ann", "")]
    [InlineData("--help", "")]
    [InlineData("-h --urls http://127.0.0.1:0", "")]
    public void A_command_keeps_its_own_options(string line, string settings) => Assert.Equal(settings, Settings(line));

    [Theory]
    [InlineData("--finish --urls http://127.0.0.1:0")]
    [InlineData("Autom8:DataFolder=/d --to x")]
    [InlineData("")]
    public void Without_a_command_everything_is_a_setting(string line) => Assert.Equal(line, Settings(line));

    private static string Settings(string line) =>
        string.Join(' ', ServiceCommands.SettingsOf(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
}
