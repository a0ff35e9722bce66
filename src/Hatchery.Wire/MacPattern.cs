using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Hatchery.Wire;

/// <summary>
/// MAC addresses that agree in some bits: <c>52:54:00:12:34:56</c>, <c>52:54:00</c> or <c>52:54:00:*</c> (what begins so),
/// <c>52:54:0?:*</c> (any digit), <c>52:54:00:00:00:00/20</c> (the first bits), <c>52:54:00:00:00:01/ff:ff:ff:00:00:01</c> (a mask), <c>*</c>.
/// </summary>
/// <param name="Value">The bits that count, the others zero; 48 bits.</param>
/// <param name="Mask">1 for a bit that counts.</param>
public readonly record struct MacPattern(ulong Value, ulong Mask) : IParsable<MacPattern>
{
    private const int Digits = 12;
    private const ulong AllBits = (1UL << 48) - 1;

    public bool Matches(MacAddress mac) => (mac.Value & Mask) == Value;

    public static MacPattern Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var pattern)
            ? pattern
            : throw new FormatException($"'{s}' is no pattern of MAC addresses: 52:54:00:*");

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out MacPattern result)
    {
        result = default;
        if (s is null)
            return false;
        var slash = s.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? TryParseDigits(s, out result) : TryParseMasked(s[..slash], s[(slash + 1)..], out result);
    }

    public override string ToString()
    {
        var digits = new char[Digits];
        for (var i = 0; i < Digits; i++)
        {
            var (mask, value) = (Nibble(Mask, i), Nibble(Value, i));
            if (mask is not (0 or 15))
                return $"{new MacAddress(Value)}/{new MacAddress(Mask)}";
            digits[i] = mask == 0 ? '?' : "0123456789abcdef"[value];
        }
        var pairs = digits.Chunk(2).Select(pair => new string(pair)).ToList();
        var open = pairs.Count;
        while (open > 0 && string.Equals(pairs[open - 1], "??", StringComparison.Ordinal))
            open--;
        return open == pairs.Count ? string.Join(':', pairs) : string.Join(':', pairs.Take(open).Append("*"));
    }

    private static bool TryParseDigits(string text, out MacPattern pattern)
    {
        var pairs = text.Split(':', '-');
        var isOpen = pairs[^1] is "*";
        if (isOpen)
            pairs = pairs[..^1];
        pattern = default;
        if (pairs.Length > 6 || (pairs.Length == 6 && isOpen) || (pairs.Length == 0 && !isOpen))
            return false;
        var (value, mask) = (0UL, 0UL);
        foreach (var pair in pairs)
        {
            if (pair.Length != 2 || !pair.All(c => char.IsAsciiHexDigit(c) || c == '?'))
                return false;
            foreach (var digit in pair)
            {
                value = (value << 4) | (digit == '?' ? 0 : (ulong)Convert.ToInt32($"{digit}", 16));
                mask = (mask << 4) | (digit == '?' ? 0UL : 15UL);
            }
        }
        var rest = 8 * (6 - pairs.Length);
        pattern = new(value << rest, mask << rest);
        return true;
    }

    private static bool TryParseMasked(string text, string mask, out MacPattern pattern)
    {
        pattern = default;
        if (!MacAddress.TryParse(text, null, out var address))
            return false;
        ulong bits;
        if (int.TryParse(mask, NumberStyles.None, CultureInfo.InvariantCulture, out var prefix) && prefix <= 48)
            bits = prefix == 0 ? 0 : AllBits << (48 - prefix) & AllBits;
        else if (MacAddress.TryParse(mask, null, out var given))
            bits = given.Value;
        else
            return false;
        pattern = new(address.Value & bits, bits);
        return true;
    }

    private static int Nibble(ulong number, int index) => (int)(number >> (4 * (Digits - 1 - index))) & 15;
}
