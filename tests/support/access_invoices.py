"""Invoices of access (F1) as a distributor sends them, made of the home of January 2026.

Tolls and charges of 2.0TD in 2026: 23.324952 and 0.443770, 4.379461 and 0.281653 EUR/kW a year;
0.033261, 0.016409 and 0.000077, 0.064292, 0.012858 and 0.003215 EUR/kWh.
"""

_PERIOD = "<FechaDesde>2025-12-31</FechaDesde><FechaHasta>2026-01-31</FechaHasta>"


def write_invoice(
    cups: str,
    *,
    energies: tuple[str, ...] = ("70", "80", "206.5"),
    toll: str = "0.033261",
    power_total: str = "9.29",
    tariff: str = "018",
    contracted: str = "4600",
    days: str = "31",
    beta: str = "1.000000",
    cau: str = "",
    surplus: str = "62",
    source: str = "10",
    kind: str = "N",
    vat_base: str = "16.60",
    total: str = "20.09",
    extra: str = "",
) -> bytes:
    """Write January's invoice; its tolls are 0.063904 and 0.001216 EUR/kW and day."""
    rows = "".join(
        f"<Periodo><ValorEnergiaActiva>{kwh}</ValorEnergiaActiva>"
        f"<PrecioEnergia>{price}</PrecioEnergia></Periodo>"
        for kwh, price in zip(energies, (toll, "0.016409", "0.000077"), strict=True)
    )
    powers = "".join(
        f"<Periodo><PotenciaContratada>{contracted}</PotenciaContratada>"
        f"<PotenciaAFacturar>{contracted}</PotenciaAFacturar>"
        f"<PrecioPotencia>{price}</PrecioPotencia></Periodo>"
        for price in ("0.000063904", "0.000001216")
    )
    own = "".join(
        f"<{block}><Termino{block}>{_PERIOD}<Periodo><Valor{block}>{kwh}</Valor{block}>{more}"
        f"</Periodo></Termino{block}>{total_of}</{block}>"
        for block, kwh, more, total_of in (
            (
                "EnergiaNetaGen",
                "77.5",
                f"<Beta>{beta}</Beta>",
                "<TotalEnergiaNetaGenBeta>77.5</TotalEnergiaNetaGenBeta>",
            ),
            ("EnergiaAutoconsumida", "15.5", "", ""),
        )
    )
    body = f"""<MensajeFacturacion xmlns="http://localhost/elegibilidad">
<Cabecera><CodigoDelProceso>F1</CodigoDelProceso><CUPS>{cups}</CUPS></Cabecera>
<Facturas><FacturaATR><DatosGeneralesFacturaATR><DatosGeneralesFactura>
<CodigoFiscalFactura>F26/1</CodigoFiscalFactura><TipoFactura>{kind}</TipoFactura>
<MotivoFacturacion>01</MotivoFacturacion><FechaFactura>2026-02-03</FechaFactura>
<ImporteTotalFactura>{total}</ImporteTotalFactura></DatosGeneralesFactura>
<DatosFacturaATR><TipoAutoconsumo>43</TipoAutoconsumo><CAU>{cau}</CAU>
<TarifaATRFact>{tariff}</TarifaATRFact><Periodo>
<FechaDesdeFactura>2025-12-31</FechaDesdeFactura><FechaHastaFactura>2026-01-31</FechaHastaFactura>
<NumeroDias>{days}</NumeroDias></Periodo></DatosFacturaATR></DatosGeneralesFacturaATR>
<Potencia><TerminoPotencia>{_PERIOD}{powers}</TerminoPotencia>
<ImporteTotalTerminoPotencia>{power_total}</ImporteTotalTerminoPotencia></Potencia>
<EnergiaActiva><TerminoEnergiaActiva>{_PERIOD}{rows}</TerminoEnergiaActiva>
<ImporteTotalEnergiaActiva>3.66</ImporteTotalEnergiaActiva></EnergiaActiva>
<Cargos><Cargo><TipoCargo>01</TipoCargo><TerminoCargo>{_PERIOD}<Periodo>
<Energia>70</Energia><PrecioCargo>0.064292</PrecioCargo></Periodo></TerminoCargo></Cargo>
<TotalImporteCargos>2.82</TotalImporteCargos></Cargos>
<Alquileres><PrecioDiarioAlquiler><PrecioDia>0.026630</PrecioDia><NumeroDias>31</NumeroDias>
</PrecioDiarioAlquiler><ImporteFacturacionAlquileres>0.83</ImporteFacturacionAlquileres></Alquileres>
<IVA><BaseImponible>{vat_base}</BaseImponible><Porcentaje>21.00</Porcentaje>
<Importe>3.49</Importe></IVA>
<Autoconsumo><InstalacionGenAutoconsumo>{own}</InstalacionGenAutoconsumo>
<EnergiaExcedentaria><TerminoEnergiaExcedentaria>{_PERIOD}<Periodo>
<ValorEnergiaExcedentaria>{surplus}</ValorEnergiaExcedentaria></Periodo>
</TerminoEnergiaExcedentaria>
<ValorTotalEnergiaExcedentaria>{surplus}</ValorTotalEnergiaExcedentaria></EnergiaExcedentaria>
</Autoconsumo>
<Medidas><ModeloAparato><Integrador><Magnitud>AE</Magnitud><CodigoPeriodo>91</CodigoPeriodo>
<ConsumoCalculado>70</ConsumoCalculado><LecturaDesde><Procedencia>10</Procedencia></LecturaDesde>
<LecturaHasta><Procedencia>{source}</Procedencia></LecturaHasta></Integrador></ModeloAparato>
</Medidas>{extra}</FacturaATR></Facturas></MensajeFacturacion>"""
    return body.encode()
