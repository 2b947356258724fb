"""The tax agency's schemas, which the package verifactu-sdk ships.

Only its files are used: importing it would load an HTTP client into every process.
"""

from functools import cache
from importlib.metadata import distribution

from lxml import etree

_FOLDER = "https://www2.agenciatributaria.gob.es/static_files/common/internet/dep/aplicaciones/es/aeat/tike/cont/ws"
RECORD_NAMESPACE = f"{_FOLDER}/SuministroInformacion.xsd"
SUBMISSION_NAMESPACE = f"{_FOLDER}/SuministroLR.xsd"
ANSWER_NAMESPACE = f"{_FOLDER}/RespuestaSuministro.xsd"


def find_schema_faults(root: etree._Element) -> tuple[str, ...]:
    """List what the schema of records and submissions finds wrong.

    Parameters
    ----------
    root : lxml.etree._Element
        A ``RegistroAlta``, a ``RegistroAnulacion`` or a ``RegFactuSistemaFacturacion``.

    Returns
    -------
    tuple of str
        Nothing if it is valid.
    """
    schema = _read_schema()
    if schema.validate(root):
        return ()
    return tuple(fault.message.replace(f"{{{RECORD_NAMESPACE}}}", "") for fault in schema.error_log)


@cache
def _read_schema() -> etree.XMLSchema:
    path = distribution("verifactu-sdk").locate_file("verifactu_sdk/schemas/SuministroLR.xsd")
    parser = etree.XMLParser(no_network=True, load_dtd=False, resolve_entities=False)
    return etree.XMLSchema(etree.parse(str(path), parser))
