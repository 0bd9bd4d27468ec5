using System.Collections.Frozen;

namespace Autom8.Contacts.Formats;

/// <summary>What a column of a contact list holds.</summary>
internal enum CsvField
{
    Ignored,
    FullName,
    Prefix,
    Given,
    Additional,
    Family,
    Suffix,
    Nickname,
    Organization,
    Department,
    Title,
    Note,
    Uid,
    Phone,
    PhoneLabel,
    Email,
    EmailLabel,
}

/// <summary>One column: its field; for phones and e-mails which of them (<paramref name="Slot"/>), and the label that the header itself tells.</summary>
internal readonly record struct CsvColumn(CsvField Field, int Slot = 0, string? Label = null);

/// <summary>The header line, understood: Google's older and newer, Outlook's, and what people call their own columns.</summary>
internal static class CsvColumns
{
    private const int MaxSlot = 99;

    private static readonly FrozenDictionary<string, CsvColumn> Known = Aliases().ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Finds the meaning of a header cell, whatever its case, spaces and punctuation.</summary>
    public static CsvColumn Find(ReadOnlySpan<char> header)
    {
        Span<char> key = stackalloc char[48];
        int length = 0;
        int slot = 0;
        foreach (char c in header)
        {
            if (char.IsAsciiDigit(c))
            {
                slot = Math.Min(MaxSlot, (slot * 10) + (c - '0'));
            }
            else if (char.IsLetter(c))
            {
                if (length == key.Length)
                {
                    return default;
                }
                key[length++] = char.ToLowerInvariant(c);
            }
        }
        return Known.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(key[..length], out CsvColumn column)
            ? column with
            {
                Slot = slot,
            }
            : default;
    }

    /// <summary>Whether a line, split at the likeliest delimiter, names two columns that are known or one that is enough by itself.</summary>
    public static bool LooksLikeHeader(ReadOnlySpan<char> line)
    {
        line = line.TrimStart('\uFEFF');
        return CountKnown(line, BestDelimiter(line)) >= 2 || Find(line.Trim().Trim('"')).Field is CsvField.Email or CsvField.Phone;
    }

    /// <summary>The delimiter under which the most columns are known; a comma when there is nothing to choose by.</summary>
    public static char BestDelimiter(ReadOnlySpan<char> line)
    {
        char best = ',';
        int most = 0;
        foreach (char candidate in ",;\t")
        {
            int known = CountKnown(line, candidate);
            if (known > most)
            {
                (best, most) = (candidate, known);
            }
        }
        return best;
    }

    private static int CountKnown(ReadOnlySpan<char> line, char delimiter)
    {
        int known = 0;
        foreach (Range cell in line.Split(delimiter))
        {
            known += Find(line[cell]).Field == CsvField.Ignored ? 0 : 1;
        }
        return known;
    }

    private static Dictionary<string, CsvColumn> Aliases()
    {
        Dictionary<string, CsvColumn> known = new(StringComparer.Ordinal);
        Add(CsvField.FullName, "name", "fullname", "displayname", "formattedname", "contactname");
        Add(CsvField.Prefix, "nameprefix");
        // Outlook calls the prefix of a name its title, and the title of a person the job title.
        Add(CsvField.Prefix, "title");
        Add(CsvField.Given, "firstname", "givenname", "forename");
        Add(CsvField.Additional, "middlename", "additionalname");
        Add(CsvField.Family, "lastname", "familyname", "surname");
        Add(CsvField.Suffix, "namesuffix", "suffix");
        Add(CsvField.Nickname, "nickname");
        Add(CsvField.Organization, "organizationname", "organization", "organisation", "company", "companyname");
        Add(CsvField.Department, "organizationdepartment", "department");
        Add(CsvField.Title, "organizationtitle", "jobtitle", "position");
        Add(CsvField.Note, "notes", "note");
        Add(CsvField.Uid, "uid");
        Add(CsvField.PhoneLabel, "phonelabel", "phonetype");
        Add(CsvField.EmailLabel, "emaillabel", "emailtype");
        Add(CsvField.Phone, "phone", "phonevalue", "phonenumber", "telephone", "tel", "primaryphone");
        Add(CsvField.Email, "email", "emailvalue", "emailaddress", "mail");
        AddLabelled("mobile", "mobilephone", "mobile", "cellphone", "cell");
        AddLabelled("home", "homephone");
        AddLabelled("work", "businessphone", "workphone");
        AddLabelled("home fax", "homefax");
        AddLabelled("work fax", "businessfax", "workfax");
        AddLabelled("fax", "otherfax", "fax");
        AddLabelled("main", "companymainphone");
        AddLabelled("other", "otherphone");
        AddLabelled("pager", "pager");
        AddLabelled("car", "carphone");
        AddLabelled("assistant", "assistantsphone");
        known.Add("homeemail", new CsvColumn(CsvField.Email, Label: "home"));
        known.Add("workemail", new CsvColumn(CsvField.Email, Label: "work"));
        return known;

        void Add(CsvField field, params ReadOnlySpan<string> names)
        {
            foreach (string name in names)
            {
                known.Add(name, new CsvColumn(field));
            }
        }

        void AddLabelled(string label, params ReadOnlySpan<string> names)
        {
            foreach (string name in names)
            {
                known.Add(name, new CsvColumn(CsvField.Phone, Label: label));
            }
        }
    }
}
