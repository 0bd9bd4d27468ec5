using System.Text;

namespace Autom8.Security.Tests.Tokens;

/// <summary>JSON as nobody would write it, mostly sound, and sound JSON with a few bytes changed.</summary>
internal static class JsonFuzz
{
    private static readonly string[] Names = ["a", "b", "c", "aa", "iss", "", "é", "中", "a b", "\\u0061", "\\/", "\\ud800", "a\\n"];

    private static readonly string[] Texts =
    [
        "",
        "x",
        "alice",
        "é中👩",
        "\\n",
        "\\u0000",
        "\\u00e9",
        "\\ud83d\\ude00",
        "\\ud800",
        "\\\"",
        "\\\\",
        "\\/",
        "\u007F",
        "\u0085",
    ];

    private static readonly string[] Scalars =
    [
        "0",
        "-0",
        "1",
        "-1",
        "1.5",
        "1e30",
        "1E-7",
        "12345678901234567890",
        "true",
        "false",
        "null",
    ];

    private static readonly string[] Odd =
    [
        "01",
        "+1",
        "NaN",
        "tru",
        "\"",
        "'a'",
        "//",
        "/**/",
        "{}",
        "[",
        "}",
        ",",
        ":",
        "\uFEFF",
        "\u00A0",
    ];

    public static byte[] Object(Random random)
    {
        var text = new StringBuilder();
        if (random.Next(40) == 0)
        {
            Members(text, random, random.Next(60, 68), 1, distinct: true);
        }
        else
        {
            Members(text, random, random.Next(6), 1, random.Next(4) > 0);
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    public static byte[] Mutated(byte[] bytes, Random random)
    {
        var mutated = bytes.ToList();
        for (var edits = random.Next(1, 4); edits > 0 && mutated.Count > 0; edits--)
        {
            var at = random.Next(mutated.Count);
            switch (random.Next(7))
            {
                case 0:
                    mutated.RemoveAt(at);
                    break;
                case 1:
                    mutated.Insert(at, (byte)random.Next(256));
                    break;
                case 2:
                    mutated[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 3:
                    mutated.Insert(at, (byte)"{}[]\",:\\ \n0u"[random.Next(12)]);
                    break;
                case 4:
                    mutated.InsertRange(at, Encoding.UTF8.GetBytes(Odd[random.Next(Odd.Length)]));
                    break;
                case 5:
                    var length = Math.Min(random.Next(8), mutated.Count - at);
                    mutated.InsertRange(random.Next(mutated.Count), mutated.GetRange(at, length));
                    break;
                default:
                    mutated.RemoveRange(at, Math.Min(random.Next(8), mutated.Count - at));
                    break;
            }
        }

        return [.. mutated];
    }

    private static void Members(StringBuilder text, Random random, int count, int depth, bool distinct)
    {
        text.Append('{').Append(Space(random));
        for (var i = 0; i < count; i++)
        {
            text.Append(i == 0 ? "" : ",").Append(Space(random));
            var name = random.Next(12) == 0 ? Names[random.Next(Names.Length)] : Names[random.Next(9)];
            text.Append('"').Append(name).Append(distinct ? $"{i}" : "").Append('"').Append(Space(random)).Append(':');
            Value(text.Append(Space(random)), random, depth, distinct);
        }

        text.Append(Space(random)).Append('}');
    }

    private static void Value(StringBuilder text, Random random, int depth, bool distinct)
    {
        switch (random.Next(depth < 10 ? 8 : 4))
        {
            case 0 or 1:
                text.Append('"').Append(random.Next(30) == 0 ? Texts[random.Next(Texts.Length)] : Texts[random.Next(8)]).Append('"');
                break;
            case 2 or 3:
                text.Append(Scalars[random.Next(Scalars.Length)]);
                break;
            case 4:
                Members(text, random, random.Next(3), depth + 1, distinct);
                break;
            case 5:
                text.Append("[\"").Append(Texts[random.Next(8)]).Append("\",");
                Value(text, random, depth + 1, distinct);
                text.Append(']');
                break;
            case 6:
                text.Append("[]");
                break;
            default:
                text.Append('[');
                Value(text, random, depth + 1, distinct);
                text.Append(']');
                break;
        }
    }

    private static string Space(Random random) => random.Next(20) == 0 ? " \t\r\n"[random.Next(4)].ToString() : "";
}
