using System.Buffers;

namespace Autom8.Contacts.Formats;

/// <summary>
/// Keeps a spreadsheet from taking text for a formula (CSV injection, CWE-1236): an apostrophe goes before a cell that begins with
/// <c>= + - @</c>, a tab or a carriage return, or with an apostrophe already; reading takes exactly that one away again.
/// </summary>
/// <remarks>A phone number in digits and punctuation is left alone: the worst that a spreadsheet can make of it is another number, and other programs need its plus sign.</remarks>
internal static class FormulaGuard
{
    private const string Triggers = "=+-@\t\r'";

    private static readonly SearchValues<char> PhoneCharacters = SearchValues.Create("0123456789 ().-");

    public static bool Needs(ReadOnlySpan<char> cell) =>
        !cell.IsEmpty && Triggers.Contains(cell[0], StringComparison.Ordinal) && !IsPlainPhone(cell);

    public static ReadOnlySpan<char> Remove(ReadOnlySpan<char> cell) =>
        cell is ['\'', var second, ..] && Triggers.Contains(second, StringComparison.Ordinal) ? cell[1..] : cell;

    private static bool IsPlainPhone(ReadOnlySpan<char> cell) =>
        cell[0] == '+' && cell.Length > 1 && !cell[1..].ContainsAnyExcept(PhoneCharacters);
}
