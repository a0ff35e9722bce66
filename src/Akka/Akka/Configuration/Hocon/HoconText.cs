using System.Buffers;
using System.Globalization;
using System.Text;

namespace Akka.Configuration.Hocon;

/// <summary>Writes values as text that reads back as the same values.</summary>
internal static class HoconText
{
    private const string Letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    private static readonly SearchValues<char> BareInKey = SearchValues.Create(Letters);
    private static readonly SearchValues<char> BareInValue = SearchValues.Create(Letters + ".");

    public static string OfLiteral(string? text) =>
        text is null ? "null"
        : text is "" or "null" || text.AsSpan().ContainsAnyExcept(BareInValue) ? Quoted(text)
        : text;

    public static string OfKey(string key) =>
        key is "" or "include" || key.AsSpan().ContainsAnyExcept(BareInKey) ? Quoted(key) : key;

    public static string OfFields(HoconObject fields, int indent)
    {
        var margin = new string(' ', indent * 2);
        return string.Join('\n', fields.Items.Select(f => $"{margin}{OfKey(f.Key)} : {f.Value.ToString(indent)}"));
    }

    public static string OfObject(HoconObject fields, int indent) =>
        fields.Items.Count == 0 ? "{}" : $"{{\n{OfFields(fields, indent + 1)}\n{new string(' ', indent * 2)}}}";

    public static string OfArray(IEnumerable<HoconValue> elements, int indent) =>
        $"[{string.Join(", ", elements.Select(e => e.ToString(indent)))}]";

    private static string Quoted(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' => quoted.Append("\\\""),
                '\\' => quoted.Append("\\\\"),
                '\n' => quoted.Append("\\n"),
                '\r' => quoted.Append("\\r"),
                '\t' => quoted.Append("\\t"),
                < ' ' => quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => quoted.Append(c),
            };
        }
        return quoted.Append('"').ToString();
    }
}
