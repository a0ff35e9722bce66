using System.Globalization;
using Akka.Configuration;
using Akka.Configuration.Hocon;

namespace Hatchery.Devices.Configuration;

/// <summary>Reads a HOCON file with the files that it includes; a relative name is looked up beside the file that names it.</summary>
public static class HoconFile
{
    private const long LengthMaxBytes = 16 << 20;

    /// <summary>The configuration in the file at <paramref name="path"/>.</summary>
    /// <exception cref="ConfigurationException">
    /// A file is wrong, unreadable, or includes itself; the message is <c>path:line: what</c>.
    /// </exception>
    public static Config Load(string path)
    {
        var loading = new Loading();
        try
        {
            // As an include even the outermost file has a name, which later errors about its values then show.
            return ConfigurationFactory.ParseString(
                $"include {Quoted(path)}",
                _ => loading.Read(path, Path.GetFullPath(path), [])
            );
        }
        catch (ConfigurationException wrong)
        {
            throw loading.Located(wrong, within: null);
        }
    }

    private static string Quoted(string path) =>
        $"\"{path.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    private sealed class Loading
    {
        private readonly Dictionary<string, string> pathByName = new(StringComparer.Ordinal);

        public HoconRoot Read(string name, string path, IReadOnlyList<string> includers)
        {
            pathByName[name] = path;
            if (includers.Contains(path, StringComparer.Ordinal))
                throw new ConfigurationException(
                    $"{path}: includes itself: {string.Join(" -> ", [.. includers, path])}"
                );
            var text = ReadText(path);
            try
            {
                return Parser.Parse(text, inner => Include(inner, path, [.. includers, path]));
            }
            catch (ConfigurationException wrong)
            {
                throw Located(wrong, path);
            }
        }

        /// <summary>The error with the full path of its file in front, unless it has that already.</summary>
        public ConfigurationException Located(ConfigurationException wrong, string? within)
        {
            if (wrong.Data["hocon.line"] is not int line || wrong.Data["hocon.text"] is not string text)
                return wrong;
            var name = wrong.Data["hocon.source"] as string ?? "";
            var path = within ?? pathByName.GetValueOrDefault(name, name);
            return new ConfigurationException(
                string.Create(CultureInfo.InvariantCulture, $"{path}:{line}: {text}"),
                wrong
            );
        }

        private HoconRoot? Include(string name, string includer, IReadOnlyList<string> includers)
        {
            var path = Path.GetFullPath(name, Path.GetDirectoryName(includer)!);
            return File.Exists(path) ? Read(name, path, includers) : null;
        }

        private static string ReadText(string path)
        {
            try
            {
                using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
                if (file.Length > LengthMaxBytes)
                    throw new ConfigurationException($"{path}: longer than {LengthMaxBytes} bytes");
                // No more than the length: a device file would go on for ever.
                var bytes = new byte[file.Length];
                file.ReadExactly(bytes);
                using var reader = new StreamReader(new MemoryStream(bytes));
                return reader.ReadToEnd();
            }
            catch (Exception unreadable)
                when (unreadable is IOException or UnauthorizedAccessException or NotSupportedException)
            {
                throw new ConfigurationException($"{path}: cannot be read: {unreadable.Message}", unreadable);
            }
        }
    }
}
