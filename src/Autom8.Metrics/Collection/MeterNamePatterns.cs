using System.IO.Enumeration;

namespace Autom8.Metrics.Collection;

/// <summary>Chooses meters by name: <c>*</c> stands for any run of characters, case does not matter.</summary>
internal sealed class MeterNamePatterns(IEnumerable<string> patterns)
{
    private readonly string[] _patterns = [.. patterns];

    public bool Matches(string meterName)
    {
        foreach (string pattern in _patterns)
        {
            if (FileSystemName.MatchesSimpleExpression(pattern, meterName, ignoreCase: true))
            {
                return true;
            }
        }

        return false;
    }
}
