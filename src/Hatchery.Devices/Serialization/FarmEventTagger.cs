using Akka.Persistence.Journal;

namespace Hatchery.Devices;

/// <summary>Tags every event of the farm, so that the farm view reads them all in one order.</summary>
public sealed class FarmEventTagger : IWriteEventAdapter
{
    public const string Tag = "farm";

    public string Manifest(object evt) => "";

    public object ToJournal(object evt) => new Tagged(evt, [Tag]);
}
