namespace Akka.Configuration.Hocon;

/// <summary>Something that is an object, or is not.</summary>
public interface IMightBeAHoconObject
{
    bool IsObject();

    HoconObject? GetObject();
}
