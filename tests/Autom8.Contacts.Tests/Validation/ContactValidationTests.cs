using System.Globalization;
using System.Text;
using Autom8.Contacts.Normalization;
using Autom8.Contacts.Validation;
using FsCheck;
using FsCheck.Xunit;

namespace Autom8.Contacts.Tests.Validation;

public sealed class ContactValidationTests
{
    private readonly ContactValidator _validator = new(new PhoneNormalizer("US"));

    [Theory]
    [InlineData("secret\u0000name")]
    [InlineData("secret\nname")]
    [InlineData("secret\tname")]
    [InlineData("secret\u0085name")]
    [InlineData("secret\u202Ename")]
    [InlineData("secret\u2066name")]
    [InlineData("secret\u200Bname")]
    [InlineData("secret\uFEFFname")]
    [InlineData("secret\u200Dname")]
    [InlineData("secret\u2028name")]
    [InlineData("secret\u00ADname")]
    [InlineData("山\u200D")]
    [InlineData("\u200C山")]
    public void Text_that_hides_something_is_refused_by_name_of_the_field_and_never_repeated(string text)
    {
        var draft = new ContactDraft
        {
            Name = text,
            Organization = text,
            Title = text,
            Emails = [new ContactEmail("a@example.com", text)],
            Phones = [new ContactPhone("+12125550142"), new ContactPhone("+12125550142", text)],
        };

        var error = Assert.Throws<ContactValidationException>(() => _validator.Check(draft));

        Assert.Equal(
            ["emails[0].label", "name", "organization", "phones[1].label", "title"],
            error.Problems.Select(p => p.Field).Order(StringComparer.Ordinal)
        );
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Half_a_surrogate_pair_is_refused()
    {
        foreach (var text in (string[])["secret\uD800name", "secret\uDC00", "\uD83D"])
        {
            var error = Assert.Throws<ContactValidationException>(() => _validator.Check(new ContactDraft { Name = text }));
            Assert.Equal("name", Assert.Single(error.Problems).Field);
        }
    }

    [Theory]
    [InlineData("نمی\u200Cخواهم")] // Persian needs the non-joiner
    [InlineData("क्\u200Dष")] // and Devanagari the joiner
    [InlineData("👨\u200D👩\u200D👧")]
    [InlineData("O’Neil-Müller, Jr. (Bob)")]
    [InlineData("ﻣﺤﻤﺪ")]
    public void Text_of_every_script_is_accepted(string text)
    {
        Assert.Equal(text.Normalize(), _validator.Check(new ContactDraft { Name = text }).Name);
    }

    [Fact]
    public void A_note_may_have_lines_and_tabs_but_no_other_control_characters()
    {
        Assert.Equal("a\n\tb\nc", _validator.Check(new ContactDraft { Name = "x", Note = "a\r\n\tb\rc\n" }).Note);
        var error = Assert.Throws<ContactValidationException>(() => _validator.Check(new ContactDraft { Name = "x", Note = "a\u001Bb" }));
        Assert.Equal("note", Assert.Single(error.Problems).Field);
    }

    [Theory]
    [InlineData("name", 200)]
    [InlineData("organization", 200)]
    [InlineData("title", 200)]
    [InlineData("note", 10_000)]
    [InlineData("phones[0].label", 40)]
    [InlineData("emails[0].label", 40)]
    public void Lengths_count_what_people_take_for_a_character(string field, int max)
    {
        ContactDraft Of(int length)
        {
            // Four UTF-16 units, one character.
            var text = new StringBuilder().Insert(0, "🇫🇷", length).ToString();
            return new ContactDraft
            {
                Name = field == "name" ? text : "x",
                Organization = field == "organization" ? text : null,
                Title = field == "title" ? text : null,
                Note = field == "note" ? text : null,
                Phones = [new ContactPhone("+12125550142", field == "phones[0].label" ? text : null)],
                Emails = [new ContactEmail("a@example.com", field == "emails[0].label" ? text : null)],
            };
        }

        _validator.Check(Of(max));
        var problem = Assert.Single(Assert.Throws<ContactValidationException>(() => _validator.Check(Of(max + 1))).Problems);

        Assert.Equal(field, problem.Field);
        Assert.Contains(max.ToString(CultureInfo.InvariantCulture), problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stack_of_marks_is_too_long_although_it_is_one_character()
    {
        var text = "a" + new string('\u0301', 100_000);

        var error = Assert.Throws<ContactValidationException>(() => _validator.Check(new ContactDraft { Name = text }));

        Assert.Equal("name", Assert.Single(error.Problems).Field);
    }

    [Theory]
    [InlineData("+1 212 5", null, "phones[0].value")]
    [InlineData("call me", null, "phones[0].value")]
    [InlineData("", null, "phones[0].value")]
    [InlineData(null, "ann at example.com", "emails[0].value")]
    [InlineData(null, "ann@@example.com", "emails[0].value")]
    [InlineData(null, "", "emails[0].value")]
    public void An_impossible_address_is_refused(string? phone, string? email, string field)
    {
        var error = Assert.Throws<ContactValidationException>(() => _validator.Check(ContactBookFixture.Draft("Ann", phone, email)));

        Assert.Equal(field, Assert.Single(error.Problems).Field);
    }

    [Fact]
    public void A_contact_needs_something_to_be_known_by()
    {
        foreach (var nobody in (ContactDraft[])[new(), new() { Name = " " }, new() { Note = "x", Title = "y" }])
        {
            var error = Assert.Throws<ContactValidationException>(() => _validator.Check(nobody));
            Assert.Equal("name", Assert.Single(error.Problems).Field);
        }

        foreach (
            var somebody in (ContactDraft[])
                [
                    new() { Name = "Ann" },
                    new() { Organization = "Acme" },
                    ContactBookFixture.Draft(phone: "+12125550142"),
                    ContactBookFixture.Draft(email: "a@example.com"),
                ]
        )
        {
            _validator.Check(somebody);
        }
    }

    [Fact]
    public void Fifty_of_each_and_no_more()
    {
        ContactDraft Of(int count) =>
            new()
            {
                Phones = [.. Enumerable.Repeat(new ContactPhone("+12125550142"), count)],
                Emails = [.. Enumerable.Repeat(new ContactEmail("a@example.com"), count)],
            };

        Assert.Equal(50, _validator.Check(Of(50)).Phones.Count);
        Assert.Equal(
            ["phones", "emails"],
            Assert.Throws<ContactValidationException>(() => _validator.Check(Of(51))).Problems.Select(p => p.Field)
        );
    }

    [Fact]
    public void Nulls_that_the_compiler_cannot_rule_out_are_problems_not_crashes()
    {
        var draft = new ContactDraft
        {
            Name = "x",
            Phones = [null!, new ContactPhone(null!)],
            Emails = [null!],
        };

        var error = Assert.Throws<ContactValidationException>(() => _validator.Check(draft));

        Assert.Equal(["phones[0].value", "phones[1].value", "emails[0].value"], error.Problems.Select(p => p.Field));
        _validator.Check(
            new ContactDraft
            {
                Name = "x",
                Phones = null!,
                Emails = null!,
            }
        );
    }

    [Property(MaxTest = 500)]
    public void What_is_accepted_is_accepted_again_unchanged(string? name, string? note)
    {
        var problems = new List<ContactProblem>();
        var draft = new ContactDraft
        {
            Name = name,
            Note = note,
            Organization = "x",
        };
        if (!_validator.TryCheck(draft, "", problems, out var once))
        {
            Assert.NotEmpty(problems);
            return;
        }

        var twice = _validator.Check(draft with { Name = once.Name, Note = once.Note });

        Assert.Equal((once.Name, once.Note), (twice.Name, twice.Note));
        Assert.True(once.Name.IsNormalized());
    }
}
