using System.Text;

namespace Pbm;

/// <summary>Reads lines from a terminal with history, cursor keys and completion; from a pipe, as they come.</summary>
internal sealed class LineEditor(Func<string, IReadOnlyList<string>> complete)
{
    private const int HistoryMax = 500;

    private readonly List<string> _history = [];

    /// <returns>Null at the end of the input.</returns>
    public string? Read(string prompt)
    {
        Console.Write(prompt);
        if (Console.IsInputRedirected)
            return Console.ReadLine();
        var line = new StringBuilder();
        var (cursor, place) = (0, _history.Count);
        while (true)
        {
            var key = Console.ReadKey(intercept: true);
            switch (key.Key)
            {
                case ConsoleKey.Enter:
                    Console.WriteLine();
                    Remember(line.ToString());
                    return line.ToString();
                case ConsoleKey.D when key.Modifiers.HasFlag(ConsoleModifiers.Control) && line.Length == 0:
                    Console.WriteLine();
                    return null;
                case ConsoleKey.Tab:
                    cursor = Complete(prompt, line, cursor);
                    break;
                case ConsoleKey.UpArrow or ConsoleKey.DownArrow:
                    place = Math.Clamp(place + (key.Key == ConsoleKey.UpArrow ? -1 : 1), 0, _history.Count);
                    line.Clear().Append(place < _history.Count ? _history[place] : "");
                    cursor = line.Length;
                    break;
                case ConsoleKey.LeftArrow:
                    cursor = Math.Max(0, cursor - 1);
                    break;
                case ConsoleKey.RightArrow:
                    cursor = Math.Min(line.Length, cursor + 1);
                    break;
                case ConsoleKey.Home:
                    cursor = 0;
                    break;
                case ConsoleKey.End:
                    cursor = line.Length;
                    break;
                case ConsoleKey.Backspace when cursor > 0:
                    line.Remove(--cursor, 1);
                    break;
                case ConsoleKey.Delete when cursor < line.Length:
                    line.Remove(cursor, 1);
                    break;
                default:
                    if (!char.IsControl(key.KeyChar))
                        line.Insert(cursor++, key.KeyChar);
                    break;
            }
            Draw(prompt, line, cursor);
        }
    }

    private void Remember(string line)
    {
        if (line.Length == 0 || (_history.Count > 0 && _history[^1] == line))
            return;
        _history.Add(line);
        if (_history.Count > HistoryMax)
            _history.RemoveAt(0);
    }

    private int Complete(string prompt, StringBuilder line, int cursor)
    {
        if (cursor < line.Length)
            return cursor;
        var found = complete(line.ToString());
        if (found.Count == 0)
            return cursor;
        var begun = line.ToString().LastIndexOf(' ') + 1;
        var common = found.Aggregate((a, b) => a[..a.Zip(b).TakeWhile(p => p.First == p.Second).Count()]);
        line.Length = begun;
        line.Append(common).Append(found.Count == 1 ? " " : "");
        if (found.Count > 1)
        {
            Console.WriteLine();
            Console.WriteLine(string.Join("  ", found));
            Console.Write(prompt);
        }
        return line.Length;
    }

    private static void Draw(string prompt, StringBuilder line, int cursor) =>
        Console.Write($"\r\u001b[K{prompt}{line}\r\u001b[{prompt.Length + cursor}C");
}
